#include "source/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char SEPARATORS[] = ",;\t|";

/* A record by its bytes: quotes open at the beginning of a field only, "" inside is a quote. */
enum place { FIELD_START, UNQUOTED, QUOTED, QUOTE_SEEN };

static enum place step(enum place place, char c, char separator)
{
    switch (place) {
    case QUOTED:
        return c == '"' ? QUOTE_SEEN : QUOTED;
    case QUOTE_SEEN:
        if (c == '"') {
            return QUOTED;
        }
        return c == separator ? FIELD_START : UNQUOTED;
    case FIELD_START:
        if (c == '"') {
            return QUOTED;
        }
        return c == separator || c == ' ' ? FIELD_START : UNQUOTED;
    case UNQUOTED:
        break;
    }
    return c == separator ? FIELD_START : UNQUOTED;
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* Length of the record at the beginning of s, with the separator that most fields hint at unknown:
 * a quote opens at the beginning of the record or behind any of the separators. */
static char choose_separator(str s)
{
    size_t counts[sizeof SEPARATORS] = {0};
    bool quoted = false;
    for (size_t i = 0; i < s.n && (quoted || !ends_line(s.p[i])); i++) {
        const char *at = quoted ? NULL : memchr(SEPARATORS, s.p[i], sizeof SEPARATORS - 1);
        if (s.p[i] == '"') {
            quoted = !quoted;
        } else if (at != NULL) {
            counts[at - SEPARATORS]++;
        }
    }
    size_t best = 0;
    for (size_t i = 1; i < sizeof SEPARATORS - 1; i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return SEPARATORS[best];
}

static str field_text(str raw, struct arena *text)
{
    str trimmed = str_trim(raw);
    if (trimmed.n < 2 || trimmed.p[0] != '"' || trimmed.p[trimmed.n - 1] != '"') {
        return arena_str(text, trimmed);
    }
    struct buf plain = {0};
    for (size_t i = 1; i + 1 < trimmed.n; i++) {
        buf_putc(&plain, trimmed.p[i]);
        i += trimmed.p[i] == '"' && trimmed.p[i + 1] == '"' && i + 2 < trimmed.n;
    }
    str kept = arena_str(text, buf_str(&plain));
    buf_finish(&plain);
    return kept;
}

bool lines_header(str head, bool whole, struct arena *text, struct header *ret)
{
    struct header h = {0};
    str rest = head;
    if (str_starts(rest, STR("\xef\xbb\xbf"))) {
        rest = str_from(rest, 3);
    }
    while (rest.n > 0 && ends_line(rest.p[0])) {
        bool pair = rest.n > 1 && rest.p[0] == '\r' && rest.p[1] == '\n';
        rest = str_from(rest, pair ? 2 : 1);
        h.skip++;
    }
    if (rest.n == 0) {
        return false;
    }
    h.separator = choose_separator(rest);
    enum place place = FIELD_START;
    size_t begin = 0, i = 0;
    for (; i < rest.n && (place == QUOTED || !ends_line(rest.p[i])); i++) {
        enum place next = step(place, rest.p[i], h.separator);
        if (rest.p[i] == h.separator && place != QUOTED) {
            VEC_ADD(&h.names, field_text((str){rest.p + begin, i - begin}, text));
            begin = i + 1;
        }
        place = next;
    }
    if (i == rest.n && (!whole || place == QUOTED)) {
        ret->unclosed = place == QUOTED;
        VEC_FINISH(&h.names);
        return false;
    }
    VEC_ADD(&h.names, field_text((str){rest.p + begin, i - begin}, text));
    h.bytes = (size_t)(rest.p - head.p) + i;
    *ret = h;
    return true;
}

void lines_header_finish(struct header *h)
{
    VEC_FINISH(&h->names);
}

enum { BLOCK = 1 << 18 };

/* Counts line ends block by block; blocks without a CR, which is nearly all, by memchr alone. */
struct counts {
    uint64_t lf, crlf, cr;
    uint64_t at, last; /* offset of this block; end of the last line */
    bool after_cr, long_lines;
};

static void line_end(struct counts *c, uint64_t at)
{
    c->long_lines |= at - c->last > LINES_LONGEST;
    c->last = at + 1;
}

static void count(struct counts *c, const char *block, size_t n)
{
    if (!c->after_cr && memchr(block, '\r', n) == NULL) {
        /* a line within the block is shorter than it: its first and last end will do */
        const char *first = memchr(block, '\n', n);
        if (first != NULL) {
            const char *last = memrchr(block, '\n', n);
            line_end(c, c->at + (uint64_t)(first - block));
            c->last = c->at + (uint64_t)(last - block) + 1;
            c->lf++;
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool is_lf = block[i] == '\n';
        c->crlf += is_lf && c->after_cr;
        c->lf += is_lf && !c->after_cr;
        c->cr += c->after_cr && !is_lf;
        c->after_cr = block[i] == '\r';
        if (is_lf || c->after_cr) {
            line_end(c, c->at + i);
        }
    }
}

status lines_survey(int fd, struct survey *ret, struct error *why)
{
    struct counts c = {0};
    char *block = mem_get(BLOCK);
    ssize_t n = 0;
    while ((n = pread(fd, block, BLOCK, (off_t)c.at)) > 0) {
        count(&c, block, (size_t)n);
        c.at += (uint64_t)n;
    }
    int cause = errno;
    mem_put(block);
    if (n < 0) {
        return error_set(why, "it cannot be read: %s", strerror(cause));
    }
    c.cr += c.after_cr;
    line_end(&c, c.at);
    *ret = (struct survey){(c.lf > 0) + (c.crlf > 0) + (c.cr > 0) > 1, c.long_lines};
    return OK;
}

status lines_open(struct lines *l, int fd, char separator, struct error *why)
{
    int copy = dup(fd);
    FILE *file = copy >= 0 ? fdopen(copy, "rb") : NULL;
    if (file == NULL || fseeko(file, 0, SEEK_SET) != 0) {
        int cause = errno;
        if (file != NULL) {
            fclose(file);
        } else if (copy >= 0) {
            close(copy);
        }
        return error_set(why, "it cannot be read again: %s", strerror(cause));
    }
    *l = (struct lines){.file = file, .separator = separator, .line = 1};
    int first = getc_unlocked(file); /* a byte order mark is no part of the first record */
    if (first == 0xef && getc_unlocked(file) == 0xbb && getc_unlocked(file) == 0xbf) {
        l->offset = 3;
    } else if (fseeko(file, 0, SEEK_SET) != 0) {
        int cause = errno;
        lines_close(l);
        return error_set(why, "it cannot be read again: %s", strerror(cause));
    }
    return OK;
}

void lines_close(struct lines *l)
{
    if (l->file != NULL) {
        fclose(l->file);
        l->file = NULL;
    }
}

/* Takes one byte and counts lines: LF, CR LF and a CR alone end one each. */
static int take(struct lines *l)
{
    int c = getc_unlocked(l->file);
    if (c == EOF) {
        return EOF;
    }
    l->offset++;
    if (c == '\n') {
        l->line++;
    } else if (c == '\r') {
        int next = getc_unlocked(l->file);
        if (next != EOF) {
            ungetc(next, l->file);
        }
        l->line += next != '\n';
    }
    return c;
}

bool lines_next(struct lines *l, struct line *ret)
{
    enum { RAW = 1000 };
    buf_clear(&ret->raw);
    ret->unclosed = false;
    ret->before = l->offset;
    int c = 0;
    do {
        ret->offset = l->offset;
        ret->line = l->line;
        c = take(l);
    } while (c == '\n' || c == '\r');
    if (c == EOF) {
        return false;
    }
    enum place place = FIELD_START;
    for (; c != EOF && (place == QUOTED || !ends_line((char)c)); c = take(l)) {
        if (ret->raw.n < RAW) {
            buf_putc(&ret->raw, (char)c);
        }
        place = step(place, (char)c, l->separator);
    }
    ret->unclosed = c == EOF && place == QUOTED;
    return true;
}
