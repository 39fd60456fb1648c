#include "source/eventlines.h"

#include "source/shortform.h"
#include "wire/json.h"

#include <stdio.h>

enum { LINE_MAX_BYTES = 8 << 20 };

/* One line, as if it had been sent alone. */
static void map_line(struct hook_run *run, const struct delivery *d)
{
    json_t *json = NULL;
    struct error why = {0};
    struct buf reason = {0};
    str column = {0};
    if (json_parse(d->body, LINE_MAX_BYTES, "the line", &json, &why) != OK) {
        hook_reject(run, d, "", "%s", why.text);
    } else if (!shortform_is(json)) {
        HOOK_CDEVENTS.map(run, d);
    } else if (shortform_add(json, run->options, run->batch, &reason, &column)) {
        run->counts.events++;
    } else {
        char name[32];
        snprintf(name, sizeof name, STR_FMT, STR_ARG(column));
        hook_reject(run, d, name, "%s", buf_cstr(&reason));
    }
    json_decref(json);
    buf_finish(&reason);
}

void eventlines_map(struct hook_run *run, const struct delivery *d)
{
    str rest = d->body;
    struct delivery line = *d;
    line.line = 0;
    while (str_cut(&rest, '\n', &line.body)) {
        line.line++;
        line.body = str_trim(line.body);
        if (line.body.n > 0) {
            if (!hook_room(run, 1)) {
                return;
            }
            map_line(run, &line);
        }
    }
}
