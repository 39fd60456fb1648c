#include "source/eventlines.h"

#include "source/shortform.h"
#include "wire/json.h"

enum { LINE_MAX_BYTES = 8 << 20 };

static void reject(struct hook_run *run, const struct delivery *d, uint64_t line, str column,
                   str reason, str raw)
{
    batch_reject(
        run->batch,
        (struct reject){
            .source = d->source, .line = line, .column = column, .reason = reason, .raw = raw});
    run->counts.rejected++;
}

static void map_line(struct hook_run *run, const struct delivery *d, str text, uint64_t line)
{
    json_t *json = NULL;
    struct error why = {0};
    struct buf reason = {0};
    str column = {0};
    if (json_parse(text, LINE_MAX_BYTES, "the line", &json, &why) != OK) {
        reject(run, d, line, (str){0}, str_of(why.text), text);
    } else if (shortform_is(json)) {
        if (shortform_add(json, run->options, run->batch, &reason, &column)) {
            run->counts.events++;
        } else {
            reject(run, d, line, column, buf_str(&reason), text);
        }
    } else { /* the same event, as if it had been sent alone */
        struct delivery one = *d;
        one.body = text;
        HOOK_CDEVENTS.map(run, &one);
    }
    json_decref(json);
    buf_finish(&reason);
}

void eventlines_map(struct hook_run *run, const struct delivery *d)
{
    str rest = d->body, line;
    for (uint64_t number = 1; str_cut(&rest, '\n', &line); number++) {
        line = str_trim(line);
        if (line.n > 0) {
            if (!hook_room(run, 1)) {
                return;
            }
            map_line(run, d, line, number);
        }
    }
}
