#include "cmd/demo_source.h"

#include "base/mem.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

extern const char demo_studio[], demo_studio_end[]; /* demo/studio.json */

static const str MARK = STR_INIT("simulated");

/* --- the model ------------------------------------------------------------------------------- */

/* "qa.people" in {"qa": {"people": 3}}. */
static const json_t *at_path(const json_t *json, const char *path)
{
    char part[64];
    for (const char *dot; (dot = strchr(path, '.')) != NULL; path = dot + 1) {
        snprintf(part, sizeof part, "%.*s", (int)(dot - path), path);
        json = json_object_get(json, part);
    }
    return json_object_get(json, path);
}

status demo_model(struct studio_model *ret, struct error *why)
{
    json_t *json = NULL;
    str text = {demo_studio, (uintptr_t)demo_studio_end - (uintptr_t)demo_studio};
    TRY(json_parse(text, 0, "studio.json", &json, why));
    status_code s = OK;
    for (size_t i = 0; studio_parameter(i) != NULL && s == OK; i++) {
        const json_t *value = at_path(json, studio_parameter(i));
        if (!json_is_number(value)) {
            s = error_set(why, "studio.json: %s is no number", studio_parameter(i));
        } else {
            *studio_parameter_of(ret, i) = json_number_value(value);
        }
    }
    json_decref(json);
    return s;
}

void demo_path(const struct studio_model *m, struct buf *out)
{
    buf_addf(out, "studio seed=%.0f months=%.0f", m->seed, m->months);
}

/* --- the source ------------------------------------------------------------------------------ */

struct demo {
    struct source source;
    struct names *names;
    struct studio studio;
    size_t next;
};

static void close_demo(struct source *s)
{
    struct demo *d = (struct demo *)s;
    studio_finish(&d->studio);
    source_notes_finish(&s->notes);
    mem_put(d);
}

static status_code open_demo(const char *const *paths, size_t n,
                             const struct source_options *options, struct source **ret_source,
                             struct error *why)
{
    struct studio_model model;
    (void)n;
    TRY(demo_model(&model, why));
    if (sscanf(paths[0], "studio seed=%lf months=%lf", &model.seed, &model.months) != 2) {
        return error_set(why, "\"%s\" does not say which studio to simulate", paths[0]);
    }
    TRY(studio_check(&model, why));
    struct demo *d = mem_get(sizeof *d);
    d->source.format = &DEMO_SOURCE;
    d->names = options->names;
    status_code s = studio_make(&model, &d->studio, why);
    if (s != OK) {
        close_demo(&d->source);
        return s;
    }
    source_note(&d->source.notes, "made by weir demo; nothing of it happened");
    *ret_source = &d->source;
    return OK;
}

/* What makes two of its events the same fact, in any run. */
static id128 key_of(const struct studio_event *e, struct buf *work)
{
    buf_clear(work);
    buf_addf(work, "%s\n%s\n" STR_FMT "\n%s\n%d\n%" PRId64, e->type, e->item_type, STR_ARG(e->key),
             e->activity, e->life, e->time);
    return id128_of(work->p, work->n);
}

static item_id item_of(struct names *names, const char *type, str key)
{
    return names_item(names, names_sym(names, str_of(type)), key);
}

/* A forge states which commits are part of a change. */
static void link_commit(struct names *n, struct batch *b, const struct event *e, item_id other)
{
    sym commit = names_sym(n, STR("commit")), change = names_sym(n, STR("change"));
    bool is_commit = names_type(n, e->item) == commit;
    item_id from = is_commit ? e->item : other, to = is_commit ? other : e->item;
    if (names_type(n, from) == commit && names_type(n, to) == change) {
        batch_link(b, (struct link){from, to, names_sym(n, STR("part_of")),
                                    names_sym(n, STR("listed")), 1, e->key});
    }
}

static status_code next_events(struct source *s, struct batch *b, struct error *why)
{
    (void)why;
    struct demo *d = (struct demo *)s;
    struct names *n = d->names;
    struct buf work = {0};
    for (; d->next < d->studio.events.n && batch_has_room(b, 1); d->next++) {
        const struct studio_event *e = &d->studio.events.v[d->next];
        const struct event event = {
            .key = key_of(e, &work),
            .item = item_of(n, e->item_type, e->key),
            .type = names_sym(n, str_of(e->type)),
            .activity = names_sym(n, str_of(e->activity)),
            .actor = e->actor.n > 0 ? names_sym(n, e->actor) : 0,
            .team = e->team != NULL ? names_sym(n, str_of(e->team)) : 0,
            .time = e->time,
            .begin = WHEN_NONE,
            .life = e->life,
            .quality = TIME_OWN,
            .attrs = e->attrs,
        };
        uint32_t row = batch_add(b, &event);
        for (uint32_t k = 0; k < e->n; k++) {
            const struct studio_reference *r = &d->studio.references.v[e->first + k];
            item_id other = item_of(n, r->type, r->key);
            batch_refer(b, row, other, names_sym(n, str_of(r->qualifier)));
            link_commit(n, b, &event, other);
        }
    }
    buf_finish(&work);
    return d->next < d->studio.events.n ? OK : END;
}

const struct source_format DEMO_SOURCE = {
    .name = "simulated",
    .open = open_demo,
    .next = next_events,
    .close = close_demo,
};

/* --- the mark -------------------------------------------------------------------------------- */

static status read_mark(struct store *s, struct studio_model *ret, bool *ret_marked,
                        struct error *why)
{
    struct buf text = {0};
    *ret_marked = false;
    status_code code = store_get(s, MARK, &text, why);
    if (code == OK && text.n > 0) {
        *ret_marked =
            sscanf(buf_cstr(&text), "studio seed=%lf months=%lf", &ret->seed, &ret->months) == 2;
    }
    buf_finish(&text);
    return code;
}

status demo_mark(struct store *s, const struct studio_model *m, struct error *why)
{
    struct studio_model marked = *m;
    struct store_info info;
    bool is_marked;
    TRY(read_mark(s, &marked, &is_marked, why));
    TRY(store_info(s, &info, why));
    if (is_marked && marked.seed != m->seed) {
        error_set(why, "this store holds the studio of seed %.0f", marked.seed);
    } else if (!is_marked && info.events > 0) {
        error_set(why, "this store holds events that are not simulated");
    } else {
        struct studio_model longest = *m;
        longest.months = is_marked && marked.months > m->months ? marked.months : m->months;
        struct buf text = {0};
        demo_path(&longest, &text);
        status_code code = store_put(s, MARK, buf_str(&text), why);
        buf_finish(&text);
        return code;
    }
    error_hint(why, "Two studios, or a studio and a company, do not mix. Choose another place:  "
                    "weir demo --store FILE");
    return FAIL;
}

bool demo_simulated(struct store *s, struct buf *ret_sentence)
{
    struct studio_model m;
    struct error ignored = {0};
    bool marked = false;
    sym source = 0; /* its name is in every store that it filled: no look-up for all the others */
    if (!names_find(store_names(s), STR("simulated"), &source) ||
        read_mark(s, &m, &marked, &ignored) != OK || !marked) {
        return false;
    }
    buf_addf(ret_sentence,
             "simulated: these are the events of a made-up studio (weir demo, seed %.0f, %.0f "
             "months); nothing of it happened",
             m.seed, m.months);
    return true;
}
