/* One XES event: its attributes are written once into `content`, name NUL value NUL, which is at
 * the same time the identity of the event and where its columns are cut from; what no column takes
 * goes into the JSON of the attributes. Nothing is allocated for an attribute. */
#include "source/xes.h"

#include "wire/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void xes_fault(struct xes *x, str column, const char *format, ...)
{
    if (!x->fault.set) {
        x->fault.set = true;
        x->fault.column = column;
        x->fault.line = xmlfeed_line(x->feed);
        va_list arguments;
        va_start(arguments, format);
        buf_clear(&x->fault.reason);
        buf_addv(&x->fault.reason, format, arguments);
        va_end(arguments);
    }
}

bool xes_is_null(const struct xes *x, str value)
{
    for (size_t i = 0; i < x->options.null_count; i++) {
        if (str_eq(value, x->options.nulls[i])) {
            return true;
        }
    }
    return false;
}

void xes_event_begin(struct xes *x)
{
    x->event_number++;
    x->place = 0;
    x->nest = 0;
    buf_clear(&x->content);
    buf_clear(&x->attrs);
    memset(x->role, 0, sizeof x->role);
    memset(x->part, 0, sizeof *x->part * x->keys.part_n);
    x->time = x->begin = WHEN_NONE;
    x->fault.set = false;
    if (x->in_trace) {
        xes_trace_announce(x);
        buf_add_bytes(&x->content, x->case_name.p, x->case_name.n + 1);
    }
}

/* Eight bytes at a time: is any below space, a quote, a backslash, or beyond ASCII? (The test for
 * zero and lesser bytes in a word is from S. E. Anderson, "Bit Twiddling Hacks".) */
static bool needs_escape(const char *p, size_t n)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t odd = 0;
    while (n >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
        odd |= word | (word - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
        p += 8;
        n -= 8;
    }
    bool found = (odd & high) != 0;
    for (; n > 0; p++, n--) {
        unsigned char c = (unsigned char)*p;
        found |= c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
    }
    return found;
}

static void quote(struct buf *out, const char *p, size_t n)
{
    char *room = needs_escape(p, n) ? NULL : buf_room(out, n + 2);
    if (room == NULL || n == 0) {
        json_quote(out, (str){p, n});
        return;
    }
    room[0] = '"';
    memcpy(room + 1, p, n);
    room[n + 1] = '"';
    out->n += n + 2;
}

static void keep(struct xes *x, const struct xes_key *key, const char *value, size_t n)
{
    buf_putc(&x->attrs, x->attrs.n == 0 ? '{' : ',');
    if (key->repeats[XES_EVENT] > 0) { /* lists repeat a name: "tag", "tag.2", … */
        buf_add(&x->attrs, str_first(key->quoted, key->quoted.n - 2));
        buf_addf(&x->attrs, ".%u\":", key->repeats[XES_EVENT] + 1);
    } else {
        buf_add(&x->attrs, key->quoted);
    }
    quote(&x->attrs, value, n);
}

static void read_time(struct xes *x, const struct xes_key *key, str text, when *ret)
{
    struct stamp stamp;
    const char *reason = NULL;
    if (!stamp_parse(str_trim(text), x->options.zone, &stamp, &reason)) {
        xes_fault(x, key->name, "\"%.60s\" is not a date (%s)", text.p, reason);
        return;
    }
    *ret = stamp.time;
    x->counts.naive += !stamp.has_zone;
    x->counts.fold_gap += stamp.fold == ZONE_GAP;
    x->counts.fold_twice += stamp.fold == ZONE_TWICE;
    x->counts.precision[stamp.precision]++;
}

void xes_event_attribute(struct xes *x, struct xes_key *key, const char *value)
{
    size_t n = strlen(value);
    if (x->options.null_count > 0 && xes_is_null(x, (str){value, n})) {
        return;
    }
    bool again = xes_key_again(key, XES_EVENT, x->event_number);
    if (x->content.n + n > XES_RECORD) {
        xes_fault(x, key->name, "the event is larger than %d MiB", XES_RECORD >> 20);
        return;
    }
    char *room = buf_room(&x->content, key->name.n + n + 2);
    memcpy(room, key->name.p, key->name.n + 1);
    memcpy(room + key->name.n + 1, value, n + 1);
    struct xes_piece piece = {x->content.n + key->name.n + 1, n, n > 0};
    x->content.n += key->name.n + n + 2;

    bool kept = !key->consumed || again;
    if (key->part >= 0 && !again) {
        x->part[key->part] = piece;
    }
    if (key->role != XES_PLAIN && !again) {
        x->role[key->role] = piece;
        if (key->role == XES_CASE) {
            kept = x->in_trace;
        } else if (key->role == XES_TIME && n > 0) {
            read_time(x, key, (str){value, n}, &x->time);
        } else if (key->role == XES_START && n > 0) {
            read_time(x, key, (str){value, n}, &x->begin);
        }
    }
    if (kept) {
        keep(x, key, value, n);
    }
}

static str text_of(const struct xes *x, struct xes_piece piece)
{
    return piece.present ? (str){x->content.p + piece.at, piece.n} : (str){0};
}

static sym sym_of(struct xes *x, enum xes_role role, uint64_t *count)
{
    if (!x->role[role].present) {
        return 0;
    }
    ++*count;
    return names_sym(x->options.names, text_of(x, x->role[role]));
}

static str activity_of(struct xes *x)
{
    if (x->keys.part_n == 1) {
        return text_of(x, x->part[0]);
    }
    bool any = false;
    buf_clear(&x->joined);
    for (size_t i = 0; i < x->keys.part_n; i++) {
        any |= x->part[i].present;
        if (i > 0) {
            buf_putc(&x->joined, '+');
        }
        buf_add(&x->joined, text_of(x, x->part[i]));
    }
    return any ? buf_str(&x->joined) : (str){0};
}

static uint8_t life_word(struct xes *x, str word)
{
    if (word.n == 0 || word.n > XES_WORD) {
        return (uint8_t)life_of(word);
    }
    size_t slot = (word.n * 7 + (unsigned char)word.p[0] + (unsigned char)word.p[word.n - 1] * 3) %
                  XES_LIFE_CACHE;
    struct life_word *known = &x->lives[slot];
    if (known->n != word.n || memcmp(known->word, word.p, word.n) != 0) {
        memcpy(known->word, word.p, word.n);
        known->n = (uint8_t)word.n;
        known->life = (uint8_t)life_of(word);
    }
    return known->life;
}

static uint8_t life(struct xes *x)
{
    str word = text_of(x, x->role[XES_LIFE]);
    uint8_t found = life_word(x, word);
    x->counts.lives += word.n > 0;
    if (found == LIFE_STATUS) {
        if (x->counts.statuses++ == 0) {
            buf_add(&x->status_word, str_first(word, 60));
        }
        buf_putc(&x->attrs, x->attrs.n == 0 ? '{' : ',');
        buf_add(&x->attrs, STR("\"lifecycle:transition\":"));
        quote(&x->attrs, word.p, word.n);
    }
    return found;
}

static void find_faults(struct xes *x, str activity)
{
    if (!x->in_trace && !x->role[XES_CASE].present) {
        xes_fault(x, x->keys.role_names[XES_CASE],
                  "the event stands outside of any trace and has no " STR_FMT,
                  STR_ARG(x->keys.role_names[XES_CASE]));
    }
    if (!x->role[XES_TIME].present) {
        xes_fault(x, x->keys.role_names[XES_TIME], "the event has no " STR_FMT,
                  STR_ARG(x->keys.role_names[XES_TIME]));
    }
    if (activity.n == 0) {
        xes_fault(x, x->keys.parts[0], "the event has no " STR_FMT, STR_ARG(x->keys.parts[0]));
    }
    if (x->begin != WHEN_NONE && x->time != WHEN_NONE && x->begin > x->time) {
        xes_fault(x, x->keys.role_names[XES_START], "the event ends before it starts");
    }
}

/* The text of the reject: "concept:name=A; time:timestamp=31/02". */
static void refuse(struct xes *x)
{
    struct buf raw = {.limit = 2000};
    size_t from = x->in_trace ? x->case_name.n + 1 : 0;
    str rest = str_from(buf_str(&x->content), from), name, value;
    while (rest.n > 0 && !raw.full && str_cut(&rest, '\0', &name) && str_cut(&rest, '\0', &value)) {
        buf_addf(&raw, "%s" STR_FMT "=" STR_FMT, raw.n > 0 ? "; " : "", STR_ARG(name),
                 STR_ARG(str_first(value, 300)));
    }
    batch_reject(x->batch, (struct reject){.source = str_of(stream_name(x->stream)),
                                           .line = x->fault.line,
                                           .column = x->fault.column,
                                           .reason = buf_str(&x->fault.reason),
                                           .raw = buf_str(&raw)});
    buf_finish(&raw);
}

static void count_missing(struct xes *x)
{
    for (size_t i = 0; i < x->keys.promised.n; i++) {
        struct xes_key *key = x->keys.promised.v[i].key;
        key->missing[XES_EVENT] +=
            key->promised[XES_EVENT] && key->owner[XES_EVENT] != x->event_number;
    }
}

void xes_event_end(struct xes *x)
{
    str activity = activity_of(x);
    count_missing(x);
    find_faults(x, activity);
    if (x->fault.set) {
        refuse(x);
        return;
    }
    struct names *names = x->options.names;
    struct event event = {
        .key = rowkeys_next(&x->rowkeys, id128_of(x->content.p, x->content.n)),
        .item =
            x->in_trace ? x->item : names_item(names, x->type_case, text_of(x, x->role[XES_CASE])),
        .type = x->type_event,
        .activity = names_sym(names, activity),
        .instance = sym_of(x, XES_INSTANCE, &x->counts.instances),
        .actor = sym_of(x, XES_RESOURCE, &x->counts.actors),
        .team = sym_of(x, XES_TEAM, &x->counts.teams),
        .time = x->time,
        .begin = x->begin,
        .life = life(x),
        .quality = TIME_OWN,
    };
    if (x->attrs.n > 0) {
        buf_putc(&x->attrs, '}');
        event.attrs = buf_str(&x->attrs);
    }
    batch_add(x->batch, &event);
    x->counts.events++;
    x->counts.intervals += x->begin != WHEN_NONE;
    x->counts.loose_events += !x->in_trace;
}
