/* A value is captured from its opening brace to the brace that closes it. The stack of open
 * brackets is a bit each. Damage shows as a bracket that does not match, a brace where no value can
 * begin, or a line that ends inside of a string; what such a value has taken so far is given up,
 * never read again, so the time is linear whatever the input. */
#include "source/jsonfeed.h"

#include "base/mem.h"
#include "base/progress.h"

#include <string.h>

enum { CHUNK = 256 << 10, SECTION = 64 };

struct jsonfeed {
    struct stream *stream;
    enum jsonfeed_kind kind;
    char *chunk;
    size_t at, n;
    bool ended;
    bool closed, damaged; /* MEMBERS: the top object is over; and it was not well formed */
    uint64_t line, odd;
    bool line_start;
    int64_t depth;
    unsigned char array[JSONFEED_DEPTH / 8]; /* bit d: the bracket at depth d is an array */
    char last;                               /* the last significant character */
    bool quoted, escaped, skip_line;
    bool capturing, given;  /* given: `value` was handed out and is to be cleared */
    int64_t base;           /* depth around the value that is captured */
    size_t from;            /* where in the chunk the captured text goes on */
    struct buf value, text; /* text: the last string between values (a key) */
    struct buf section;
    uint64_t value_line;
    const char *broken;
};

struct jsonfeed *jsonfeed_new(struct stream *s, enum jsonfeed_kind kind)
{
    struct jsonfeed *f = mem_get(sizeof *f);
    f->stream = s;
    f->kind = kind;
    f->chunk = mem_grow(NULL, CHUNK, 1);
    f->line = 1;
    f->line_start = true;
    f->value.limit = JSONFEED_VALUE;
    f->text.limit = JSONFEED_VALUE;
    f->section.limit = SECTION;
    return f;
}

void jsonfeed_free(struct jsonfeed *f)
{
    if (f != NULL) {
        buf_finish(&f->value);
        buf_finish(&f->text);
        buf_finish(&f->section);
        mem_put(f->chunk);
        mem_put(f);
    }
}

bool jsonfeed_cut(const struct jsonfeed *f)
{
    bool open = f->depth > 0 && !f->closed;
    return open || f->damaged || stream_broken(f->stream) != NULL;
}

uint64_t jsonfeed_odd(const struct jsonfeed *f)
{
    return f->odd;
}

static bool is_array(const struct jsonfeed *f, int64_t depth)
{
    return depth > 0 && depth <= JSONFEED_DEPTH &&
           (f->array[(depth - 1) / 8] >> ((depth - 1) % 8) & 1) != 0;
}

static void push(struct jsonfeed *f, bool array)
{
    int64_t at = f->depth++;
    if (at < JSONFEED_DEPTH) {
        unsigned char bit = (unsigned char)(1u << (at % 8));
        f->array[at / 8] =
            (unsigned char)(array ? f->array[at / 8] | bit : f->array[at / 8] & ~bit);
    } else if (f->broken == NULL) {
        f->broken = "nested more than 256 levels deep";
    }
}

/* What was captured of this chunk goes to the value; what does not fit is left out. */
static void take(struct jsonfeed *f, size_t end)
{
    if (f->capturing) {
        size_t n = end - f->from, room = JSONFEED_VALUE - f->value.n;
        buf_add_bytes(&f->value, f->chunk + f->from, n < room ? n : room);
        if (n > room && f->broken == NULL) {
            f->broken = "larger than 8 MiB";
        }
        f->from = end;
    }
}

static void capture(struct jsonfeed *f)
{
    f->capturing = true;
    f->base = f->depth;
    f->from = f->at;
    f->value_line = f->line;
    f->broken = NULL;
}

/* The value ends before chunk position `end`. */
static bool release(struct jsonfeed *f, size_t end, const char *broken)
{
    take(f, end);
    f->capturing = false;
    f->broken = f->broken != NULL ? f->broken : broken;
    f->quoted = f->escaped = false;
    if (f->broken != NULL && f->kind == JSONFEED_MEMBERS && f->depth > f->base) {
        f->closed = f->damaged = true; /* one file, one value: nothing to begin anew with */
    }
    f->depth = f->base;
    return true;
}

static bool begins_value(const struct jsonfeed *f)
{
    if (f->depth == 0 || f->depth > JSONFEED_DEPTH) {
        return true;
    }
    return is_array(f, f->depth) ? f->last == '[' || f->last == ',' : f->last == ':';
}

static bool closes(const struct jsonfeed *f, char c)
{
    return f->depth > JSONFEED_DEPTH || is_array(f, f->depth) == (c == ']');
}

/* A character inside of a captured value. True: the value is over, whole or broken. */
static bool inside(struct jsonfeed *f, char c)
{
    if (f->quoted) {
        if (c == '\n') {
            f->skip_line = false;
            return release(f, f->at, "a text is not closed at the end of its line");
        }
        f->quoted = f->escaped || c != '"';
        f->escaped = !f->escaped && c == '\\';
        f->last = '"';
        return false;
    }
    switch (c) {
    case '"':
        f->quoted = true;
        f->escaped = false;
        return false;
    case '\n':
        if (f->depth - f->base > JSONFEED_DEPTH && f->kind == JSONFEED_DOCUMENTS) {
            return release(f, f->at, NULL);
        }
        return false;
    case ' ':
    case '\t':
    case '\r':
        return false;
    case '{':
    case '[':
        if (!begins_value(f)) {
            f->skip_line = !f->line_start || c == '[';
            return release(f, f->at, "it is not closed");
        }
        push(f, c == '[');
        break;
    case '}':
    case ']':
        if (!closes(f, c)) {
            f->skip_line = true;
            return release(f, f->at, "a bracket does not match");
        }
        if (--f->depth == f->base) {
            f->last = c;
            f->at++;
            return release(f, f->at, NULL);
        }
        break;
    default:
        break;
    }
    f->last = c;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\x1e';
}

/* Between documents. Commas and brackets of a batch array are passed over; anything that is no
 * object is a broken value up to the end of its line. */
static void between_documents(struct jsonfeed *f, char c)
{
    bool mark = f->line == 1 && (c == '\xef' || c == '\xbb' || c == '\xbf');
    if (c == '{') {
        f->last = f->depth > 0 ? ',' : '\0';
        capture(f);
        push(f, false);
        f->last = '{';
    } else if (c == '[' && f->depth < JSONFEED_DEPTH) {
        push(f, true);
    } else if (c == ']' && f->depth > 0) {
        f->depth--;
    } else if (!is_space(c) && c != ',' && !mark) {
        capture(f);
        f->broken = "this is no JSON object";
        f->skip_line = true;
    }
}

/* Between the values of the one object: keys are remembered. */
static void between_members(struct jsonfeed *f, char c)
{
    if (f->quoted) {
        buf_putc(&f->text, c);
        f->quoted = f->escaped || c != '"';
        f->escaped = !f->escaped && c == '\\';
        f->last = '"';
        return;
    }
    if (is_space(c)) {
        return;
    }
    if (c == '"') {
        f->quoted = true;
        f->escaped = false;
        buf_clear(&f->text);
        buf_putc(&f->text, c);
        f->odd += f->depth == 2 && (f->last == '[' || (is_array(f, 2) && f->last == ','));
    } else if (c == ':' && f->depth == 1) {
        buf_clear(&f->section);
        if (f->text.n >= 2) {
            buf_add(&f->section, str_first(str_from(buf_str(&f->text), 1), f->text.n - 2));
        }
    } else if (c == '{' && f->depth == 2 && begins_value(f)) {
        if (is_array(f, 2)) {
            buf_clear(&f->text);
        }
        capture(f);
        push(f, false);
    } else if (c == '{' || c == '[') {
        f->damaged |= !begins_value(f);
        f->odd += f->depth == 2;
        push(f, c == '[');
    } else if (c == '}' || c == ']') {
        f->damaged |= f->depth == 0 || !closes(f, c);
        f->depth -= f->depth > 0;
        f->closed |= f->depth == 0;
    } else if (f->depth == 2 && c != ',' && c != ':' && f->last != 'x') {
        f->odd++;
    }
    f->closed |= f->damaged;
    f->last = strchr("{}[],:\"", c) != NULL ? c : 'x';
}

static bool step(struct jsonfeed *f, char c)
{
    if (f->capturing && !f->skip_line) {
        return inside(f, c);
    }
    if (f->skip_line) { /* the rest of a damaged line */
        if (c == '\n') {
            f->skip_line = false;
            return f->capturing && release(f, f->at, NULL);
        }
        return false;
    }
    if (f->kind == JSONFEED_DOCUMENTS) {
        between_documents(f, c);
    } else {
        between_members(f, c);
    }
    return false;
}

static status refill(struct jsonfeed *f, struct error *why)
{
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    take(f, f->n);
    f->at = f->from = f->n = 0;
    status_code done = stream_read(f->stream, f->chunk, CHUNK, &f->n, why);
    f->ended = done == END;
    return done;
}

static void hand_out(struct jsonfeed *f, struct jsonfeed_value *ret)
{
    f->given = true;
    *ret = (struct jsonfeed_value){.text = buf_str(&f->value),
                                   .section = buf_str(&f->section),
                                   .key = buf_str(&f->text),
                                   .line = f->value_line,
                                   .broken = f->broken};
}

status jsonfeed_next(struct jsonfeed *f, struct jsonfeed_value *ret, struct error *why)
{
    if (f->given) {
        buf_clear(&f->value);
        buf_clear(&f->text);
        f->broken = NULL;
        f->given = false;
    }
    while (!f->ended && !f->closed) {
        for (; f->at < f->n && !f->closed; f->at++) {
            char c = f->chunk[f->at];
            size_t before = f->at;
            bool over = step(f, c);
            bool used = !over || f->at > before; /* else it is seen again, outside */
            if (used) {
                f->line += c == '\n';
                f->line_start = c == '\n';
            }
            if (over) {
                hand_out(f, ret);
                return OK;
            }
        }
        if (f->at == f->n && !f->closed) {
            status_code done = refill(f, why);
            if (done != OK && done != END) {
                return done;
            }
        }
    }
    if (f->capturing) {
        int64_t depth = f->depth;
        bool garbage = f->skip_line;
        release(f, f->n, "it breaks off");
        f->depth = garbage ? f->depth : depth;
        hand_out(f, ret);
        return OK;
    }
    return END;
}
