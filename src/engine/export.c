/* What the exports have in common: which events with which items, and texts that any reader takes.
 */
#include "engine/export_parts.h"

#include <stdarg.h>
#include <stdlib.h>

void exported_note(struct exported *e, const char *format, ...)
{
    struct buf sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&sentence, format, arguments);
    va_end(arguments);
    VEC_ADD(&e->notes, arena_str(&e->text, buf_str(&sentence)));
    buf_finish(&sentence);
}

void exported_finish(struct exported *e)
{
    VEC_FINISH(&e->notes);
    arena_finish(&e->text);
}

/* Bytes of the character at `at`, 0 when it is none (RFC 3629: no surrogates, nothing overlong). */
static size_t character(str s, size_t at)
{
    const unsigned char *p = (const unsigned char *)s.p + at;
    size_t left = s.n - at;
    if (p[0] < 0x80) {
        return 1;
    }
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool wrong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
                 (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return wrong ? 0 : n;
}

/* How many bytes from `at` on are ASCII that every reader takes. */
static size_t harmless(str s, size_t at)
{
    size_t from = at;
    while (at < s.n && (unsigned char)s.p[at] >= 0x20 && (unsigned char)s.p[at] < 0x80) {
        at++;
    }
    return at - from;
}

void export_clean(struct buf *out, str text, enum clean forbidden)
{
    for (size_t at = 0; at < text.n;) {
        size_t n = harmless(text, at);
        bool bad = false;
        if (n == 0) {
            n = character(text, at);
            unsigned char c = (unsigned char)text.p[at];
            bad = n == 0 || c == 0;
            if (forbidden == CLEAN_XML && n == 1) {
                bad = bad || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
            } else if (forbidden == CLEAN_XML && n == 3) { /* U+FFFE and U+FFFF */
                bad = c == 0xef && (unsigned char)text.p[at + 1] == 0xbf &&
                      (unsigned char)text.p[at + 2] >= 0xbe;
            }
        }
        buf_add(out, bad ? STR("\xef\xbf\xbd") : (str){text.p + at, n});
        at += n > 0 ? n : 1;
    }
}

/* --- events --- */

struct scan {
    const struct export *x;
    export_each *each;
    void *cookie;
    struct export_event event;
    uint64_t done;
};

static status_code scan_rows(const struct log *log, void *cookie, struct error *why)
{
    struct scan *s = cookie;
    s->event.log = log;
    for (size_t i = 0; i < log->n; i++) {
        s->event.row = i;
        TRY(s->each(&s->event, s->cookie, why));
    }
    s->done += log->n;
    progress_step(s->x->progress, s->done);
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

status export_scan(const struct export *x, const struct sources *sources, unsigned columns,
                   export_each *each, void *cookie, struct error *why)
{
    struct scan s = {.x = x, .each = each, .cookie = cookie};
    for (size_t i = 0; i < sources->v.n; i++) {
        struct slice slice = SLICE_ALL(columns);
        slice.source = sources->v.v[i].name;
        s.event.source = &sources->v.v[i];
        TRY(store_scan(x->store, &slice, scan_rows, &s, why));
    }
    return OK;
}

/* --- further items --- */

struct references_loader {
    struct references *r;
    const struct names *names;
    sym kind;
};

static status_code take_reference(const struct stored_item *row, void *cookie, struct error *why)
{
    (void)why;
    struct references_loader *l = cookie;
    if (l->kind == 0 || names_type(l->names, row->item) == l->kind) {
        VEC_ADD(&l->r->v, *row);
    }
    return OK;
}

status references_load(struct store *store, sym kind, struct references *ret, struct error *why)
{
    struct references_loader l = {ret, store_names(store), kind};
    return store_scan_items(store, take_reference, &l, why);
}

void references_finish(struct references *r)
{
    VEC_FINISH(&r->v);
}

const struct stored_item *references_of(const struct references *r, uint64_t seq, size_t *ret_n)
{
    size_t low = 0, high = r->v.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->v.v[middle].seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t n = 0;
    while (low + n < r->v.n && r->v.v[low + n].seq == seq) {
        n++;
    }
    *ret_n = n;
    return n > 0 ? &r->v.v[low] : NULL;
}

status owners_load(const struct export *x, struct owners *ret, struct error *why)
{
    *ret = (struct owners){.x = x};
    return x->kind == 0 ? OK : references_load(x->store, x->kind, &ret->references, why);
}

void owners_finish(struct owners *o)
{
    references_finish(&o->references);
    VEC_FINISH(&o->v);
}

void owners_of(struct owners *o, uint64_t seq, item_id subject)
{
    o->v.n = 0;
    if (o->x->kind == 0 || names_type(store_names(o->x->store), subject) == o->x->kind) {
        VEC_ADD(&o->v, subject);
    }
    size_t n = 0;
    const struct stored_item *further =
        o->references.v.n > 0 ? references_of(&o->references, seq, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        bool known = false; /* one event may refer to an item in two ways */
        for (size_t k = 0; k < o->v.n && !known; k++) {
            known = o->v.v[k] == further[i].item;
        }
        if (!known) {
            VEC_ADD(&o->v, further[i].item);
        }
    }
}

/* --- attributes of items --- */

static status_code take_fact(const struct item_attr *row, void *cookie, struct error *why)
{
    (void)why;
    struct item_facts *f = cookie;
    struct item_attr kept = *row;
    kept.value = arena_str(&f->text, row->value);
    VEC_ADD(&f->v, kept);
    return OK;
}

static int by_item(const void *a, const void *b)
{
    const struct item_attr *x = a, *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    if (x->name != y->name) {
        return x->name < y->name ? -1 : 1;
    }
    return (x->time > y->time) - (x->time < y->time);
}

status item_facts_load(struct store *store, struct item_facts *ret, struct error *why)
{
    arena_init(&ret->text, "attributes of items", 0);
    TRY(store_scan_attrs(store, take_fact, ret, why));
    if (ret->v.n > 0) {
        qsort(ret->v.v, ret->v.n, sizeof *ret->v.v, by_item);
    }
    return OK;
}

void item_facts_finish(struct item_facts *f)
{
    VEC_FINISH(&f->v);
    arena_finish(&f->text);
}

const struct item_attr *item_facts_of(const struct item_facts *f, item_id item, size_t *ret_n)
{
    size_t low = 0, high = f->v.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->v.v[middle].item < item) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t n = 0;
    while (low + n < f->v.n && f->v.v[low + n].item == item) {
        n++;
    }
    *ret_n = n;
    return n > 0 ? &f->v.v[low] : NULL;
}

/* --- words --- */

str export_life(uint8_t life)
{
    static const str WORDS[] = {
        [LIFE_SCHEDULE] = STR_INIT("schedule"), [LIFE_START] = STR_INIT("start"),
        [LIFE_SUSPEND] = STR_INIT("suspend"),   [LIFE_RESUME] = STR_INIT("resume"),
        [LIFE_COMPLETE] = STR_INIT("complete"), [LIFE_CANCEL] = STR_INIT("withdraw"),
        [LIFE_OTHER] = STR_INIT("unknown"),
    };
    return life < sizeof WORDS / sizeof *WORDS ? WORDS[life] : (str){0};
}

str export_quality(uint8_t quality)
{
    static const str WORDS[] = {
        [TIME_OWN] = STR_INIT("own"),
        [TIME_DERIVED] = STR_INIT("derived"),
        [TIME_RECEIVED] = STR_INIT("received"),
        [TIME_BAD] = STR_INIT("bad"),
    };
    return quality < sizeof WORDS / sizeof *WORDS ? WORDS[quality] : (str){0};
}

bool export_has_kinds(const struct names *names)
{
    sym type_case = 0;
    (void)names_find(names, STR("case"), &type_case);
    for (item_id i = 1; i < names->item_n; i++) {
        if (names->items[i].type != type_case) {
            return true;
        }
    }
    return false;
}
