#include "source/teller.h"

#include "source/identity.h"
#include "source/mention.h"
#include "wire/stamp.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const when EARLIEST = 631152000 * SECOND; /* 1990 */
enum { RESOURCE = 1024, VALUE = 1024 };

void teller_open(struct teller *t, struct hook_run *run, const struct delivery *d)
{
    *t = (struct teller){.run = run, .delivery = d, .names = run->options->names};
    arena_init(&t->text, "a delivery", 0);
}

void teller_close(struct teller *t)
{
    buf_finish(&t->attrs);
    buf_finish(&t->work);
    arena_finish(&t->text);
}

json_t *teller_json(struct teller *t)
{
    json_t *json = NULL;
    struct error why = {0};
    if (json_parse(t->delivery->body, 0, "the body", &json, &why) != OK) {
        teller_reject(t, "", "%s", why.text);
        return NULL;
    }
    return json;
}

void teller_unmapped(struct teller *t)
{
    t->run->counts.unmapped++;
}

/* --- reading --- */

str teller_get(const json_t *object, const char *key)
{
    return json_text(json_object_get(object, key));
}

const json_t *teller_at(const json_t *json, const char *path)
{
    str rest = str_of(path), part;
    while (json != NULL && rest.n > 0 && str_cut(&rest, '.', &part)) {
        json = json_object_getn(json, part.p, part.n);
    }
    return json;
}

str teller_text(const json_t *json, const char *path)
{
    return json_text(teller_at(json, path));
}

str teller_id(struct teller *t, const json_t *value)
{
    if (json_is_integer(value)) {
        return arena_strf(&t->text, "%" PRId64, (int64_t)json_integer_value(value));
    }
    return json_text(value);
}

when teller_when(const struct teller *t, const json_t *value)
{
    struct stamp stamp;
    str text = json_text(value);
    const struct zone *zone = t->run->options->zone;
    bool fine =
        text.n > 0 && stamp_parse(text, zone, &stamp, NULL) && (stamp.has_zone || zone != NULL);
    return fine ? stamp.time : WHEN_NONE;
}

when teller_epoch(const json_t *value, lapse unit)
{
    int64_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    return n >= 0 && n <= INT64_MAX / unit ? n * unit : WHEN_NONE;
}

/* --- items --- */

item_id teller_item(struct teller *t, const char *type, const char *word, str resource)
{
    if (resource.n == 0 || resource.n > RESOURCE || t->place.provider_id.n > RESOURCE ||
        t->place.space.n > RESOURCE || t->place.groups.n > RESOURCE) {
        return 0;
    }
    struct buf *key = &t->work;
    buf_clear(key);
    buf_addf(key, "cdevents:v0:" STR_FMT ":", STR_ARG(t->place.provider));
    identity_encode(t->place.provider_id, key);
    buf_putc(key, ':');
    identity_encode(t->place.space, key);
    buf_putc(key, ':');
    str rest = t->place.groups, group;
    for (bool first = true; rest.n > 0 && str_cut(&rest, '/', &group); first = false) {
        buf_add(key, first ? STR("") : STR("/"));
        identity_encode(group, key);
    }
    buf_addf(key, ":%s:", word);
    identity_encode(resource, key);
    return names_item(t->names, names_sym(t->names, str_of(type)), buf_str(key));
}

bool teller_is_sha(str sha)
{
    bool zero = true;
    for (size_t i = 0; i < sha.n; i++) {
        if (!isxdigit((unsigned char)sha.p[i])) {
            return false;
        }
        zero &= sha.p[i] == '0';
    }
    return (sha.n == 40 || sha.n == 64) && !zero;
}

item_id teller_commit(struct teller *t, str sha)
{
    char room[64];
    if (!teller_is_sha(sha)) {
        return 0;
    }
    for (size_t i = 0; i < sha.n; i++) {
        room[i] = (char)tolower((unsigned char)sha.p[i]);
    }
    return names_item(t->names, names_sym(t->names, STR("commit")), (str){room, sha.n});
}

/* --- facts --- */

void teller_fact(struct teller *t, item_id subject, const char *type, str activity, when time)
{
    t->own_type = str_of(type);
    t->activity_id = (str){0};
    t->event = (struct event){
        .item = subject,
        .type = names_sym(t->names, t->own_type),
        .activity = names_sym(t->names, activity.n > 0 ? str_first(activity, VALUE) : t->own_type),
        .time = time,
        .begin = WHEN_NONE,
        .life = LIFE_NONE,
        .quality = TIME_OWN};
    if (time == WHEN_NONE) {
        t->event.time = t->delivery->received;
        t->event.quality = TIME_RECEIVED;
    } else if (time < EARLIEST || time > t->delivery->received + DAY) {
        t->event.quality = TIME_BAD;
    }
    buf_clear(&t->attrs);
    t->also_n = 0;
}

static void attr_name(struct teller *t, const char *name)
{
    buf_putc(&t->attrs, t->attrs.n == 0 ? '{' : ',');
    json_quote(&t->attrs, str_of(name));
    buf_putc(&t->attrs, ':');
}

void teller_attr(struct teller *t, const char *name, str value)
{
    if (value.n > 0) {
        attr_name(t, name);
        json_quote(&t->attrs, str_first(value, VALUE));
    }
}

void teller_attr_i64(struct teller *t, const char *name, const json_t *value)
{
    if (json_is_integer(value)) {
        attr_name(t, name);
        buf_addf(&t->attrs, "%" PRId64, (int64_t)json_integer_value(value));
    }
}

void teller_attr_bool(struct teller *t, const char *name, bool value)
{
    attr_name(t, name);
    buf_add(&t->attrs, value ? STR("true") : STR("false"));
}

void teller_also(struct teller *t, item_id item, const char *qualifier)
{
    bool known = item == 0 || item == t->event.item;
    for (size_t i = 0; i < t->also_n; i++) {
        known |= t->also[i].item == item;
    }
    if (!known && t->also_n < TELLER_ALSO) {
        t->also[t->also_n].item = item;
        t->also[t->also_n++].qualifier = names_sym(t->names, str_of(qualifier));
    }
}

bool teller_is_bot(str name)
{
    static const str ENDS[] = {STR_INIT("[bot]"), STR_INIT("-bot"), STR_INIT("_bot")};
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        if (name.n >= ENDS[i].n && str_eq_case(str_from(name, name.n - ENDS[i].n), ENDS[i])) {
            return true;
        }
    }
    bool token = str_starts(name, STR("project_")) || str_starts(name, STR("group_"));
    return token && str_find(name, STR("_bot_")) < name.n; /* GitLab's access tokens */
}

void teller_actor(struct teller *t, str id, str kind)
{
    t->event.actor = source_actor(t->run->options, str_first(id, VALUE));
    if (t->event.actor != 0) {
        bool bot = str_eq_case(kind, STR("Bot")) || teller_is_bot(id);
        teller_attr(t, "actor_kind", bot ? STR("bot") : STR("human"));
    }
}

static id128 identity_of(struct teller *t, str own_id)
{
    struct buf *text = &t->work;
    const struct event *e = &t->event;
    str parts[] = {t->delivery->source, names_text(t->names, names_type(t->names, e->item)),
                   names_key(t->names, e->item), t->own_type,
                   t->activity_id.n > 0 ? t->activity_id : names_text(t->names, e->activity)};
    buf_clear(text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_addf(text, "%zu:", parts[i].n);
        buf_add(text, parts[i]);
    }
    buf_addf(text, "%d%c", e->life, own_id.n > 0 ? '#' : '@');
    if (own_id.n > 0) {
        buf_add(text, own_id);
    } else {
        when time = t->resolution > 0 ? clock_floor(e->time, t->resolution) : e->time;
        buf_addf(text, "%" PRId64, (int64_t)time);
    }
    return id128_of(text->p, text->n);
}

bool teller_give(struct teller *t, str own_id)
{
    if (t->event.item == 0 || !hook_room(t->run, 1)) {
        return false;
    }
    t->event.key = t->given = identity_of(t, own_id);
    if (t->attrs.n > 0) {
        buf_putc(&t->attrs, '}');
    }
    t->event.attrs = buf_str(&t->attrs);
    uint32_t row = batch_add(t->run->batch, &t->event);
    for (size_t i = 0; i < t->also_n; i++) {
        batch_refer(t->run->batch, row, t->also[i].item, t->also[i].qualifier);
    }
    t->run->counts.events++;
    t->count++;
    return true;
}

static bool tell_step(struct teller *t, const struct teller_span *s, when time, enum life life)
{
    bool ends = life == LIFE_COMPLETE || life == LIFE_CANCEL;
    teller_fact(t, s->item, s->type, str_of(s->type), s->received ? WHEN_NONE : time);
    t->event.life = (uint8_t)life;
    if (ends && s->derived && t->event.quality == TIME_OWN) {
        t->event.quality = TIME_DERIVED;
    }
    teller_attr(t, "name", s->name);
    teller_attr(t, "workflow", s->workflow);
    teller_attr(t, "stage", s->stage);
    teller_attr(t, "event", s->event);
    teller_attr(t, "branch", s->branch);
    teller_attr(t, "repository", s->repository);
    teller_attr(t, "environment", s->environment);
    teller_attr(t, "outcome", ends ? s->outcome : (str){0});
    teller_actor(t, s->actor, s->actor_kind);
    teller_also(t, s->whole, "run");
    teller_also(t, teller_commit(t, s->sha), "commit");
    return teller_give(t, ends && !s->once ? STR("") : TELLER_ONCE);
}

void teller_span(struct teller *t, const struct teller_span *s)
{
    bool told = false;
    if (s->scheduled != WHEN_NONE) {
        told |= tell_step(t, s, s->scheduled, LIFE_SCHEDULE);
    }
    if (s->started != WHEN_NONE) {
        told |= tell_step(t, s, s->started, LIFE_START);
    }
    if (s->completed != WHEN_NONE) {
        told |= tell_step(t, s, s->completed, s->withdrawn ? LIFE_CANCEL : LIFE_COMPLETE);
    }
    if (told) {
        teller_link(t, s->item, teller_commit(t, s->sha), "checks", "sha", 1);
        teller_link(t, s->item, s->whole, "part_of", "stated", 1);
    }
}

void teller_adopt(struct teller *t, uint32_t row)
{
    struct batch *b = t->run->batch;
    t->own_type = names_text(t->names, b->type[row]);
    t->activity_id = (str){0};
    t->event = (struct event){.item = b->item[row],
                              .activity = b->activity[row],
                              .life = b->life[row],
                              .time = b->time[row]};
    b->key[row] = t->given = identity_of(t, (str){0});
    if (b->time[row] < EARLIEST || b->time[row] > t->delivery->received + DAY) {
        b->quality[row] = TIME_BAD;
    }
    t->run->counts.events++;
    t->count++;
}

void teller_link(struct teller *t, item_id from, item_id to, const char *kind, const char *rule,
                 double confidence)
{
    if (from != 0 && to != 0 && from != to && hook_room(t->run, 0)) {
        batch_link(t->run->batch,
                   (struct link){from, to, names_sym(t->names, str_of(kind)),
                                 names_sym(t->names, str_of(rule)), confidence, t->given});
    }
}

void teller_mark(struct teller *t, item_id item, const char *name, when time, str value)
{
    if (item != 0 && value.n > 0 && hook_room(t->run, 0)) {
        struct batch *b = t->run->batch;
        VEC_ADD(&b->item_attrs, (struct item_attr){item, names_sym(t->names, str_of(name)), time,
                                                   arena_str(&b->text, str_first(value, VALUE))});
    }
}

/* --- prose --- */

str teller_keys(struct teller *t, str text)
{
    buf_clear(&t->work);
    mention_keys(text, &t->work);
    return t->work.n > 0 ? arena_str(&t->text, buf_str(&t->work)) : (str){0};
}

void teller_closing(struct teller *t, item_id change, str description, bool stated)
{
    enum { LONGEST = 1 << 16 };
    str text = str_first(description, LONGEST), number;
    bool gitlab = str_eq(t->place.provider, STR("gitlab"));
    size_t at = 0;
    for (int n = 0; n < MENTIONS && mention_closing(text, gitlab, &at, &number); n++) {
        teller_link(t, change, teller_item(t, "issue", "issue", number), "implements",
                    stated ? "stated" : "body", stated ? 1 : 0.7);
    }
}

/* --- deliveries --- */

str teller_delivery_id(struct teller *t, str id)
{
    if (id.n > 0) {
        return arena_strf(&t->text, "delivery " STR_FMT, STR_ARG(str_first(id, VALUE)));
    }
    id128 hash = id128_of(t->delivery->body.p, t->delivery->body.n);
    return arena_strf(&t->text, "body %016" PRIx64 "%016" PRIx64, hash.hi, hash.lo);
}
