/* A text is shown in pieces: what a reader takes for one character (an extended grapheme cluster,
 * Unicode Standard Annex 29), or one escape. A piece is never cut. Whatever a terminal could obey,
 * and whatever would show nothing at all, becomes an escape, so every piece has a width above zero.
 *
 * Widths are those of wcwidth(3): East Asian Wide and Fullwidth take two columns, marks none. The
 * properties come from ICU, because wcwidth itself knows nothing outside the locale of the process.
 */
#include "view/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

void text_colour(struct buf *out, const struct look *look, enum colour c)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = "\x1b[0m",  [COLOUR_BOLD] = "\x1b[1m",  [COLOUR_DIM] = "\x1b[2m",
        [COLOUR_WORK] = "\x1b[34m", [COLOUR_WAIT] = "\x1b[33m", [COLOUR_CONSTRAINT] = "\x1b[1;31m",
    };
    if (look->colour) {
        buf_add(out, str_of(codes[c]));
    }
}

int32_t text_next(str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;
    size_t left = s.n - *at;
    int32_t code = p[0];
    size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    bool bad = (p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4 || left < length;
    if (length > 1 && !bad) {
        code = p[0] & (0xff >> (length + 1));
        for (size_t i = 1; i < length; i++) {
            bad = bad || (p[i] & 0xc0) != 0x80;
            code = (code << 6) | (p[i] & 0x3f);
        }
        bad = bad || (length == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
              (length == 4 && (code < 0x10000 || code > 0x10ffff));
    }
    *at += bad ? 1 : length;
    return bad ? -1 - p[0] : code;
}

bool text_is_hostile(int32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* As wcwidth(3) of glibc has it for everything that it can print, but for the soft hyphen, which
 * terminals do not show. */
static int code_width(int32_t code)
{
    if (code < 0x300) {
        return code == 0xad ? 0 : 1;
    }
    int8_t type = u_charType(code);
    bool vowel_or_final = (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || vowel_or_final) {
        return 0;
    }
    if (type == U_FORMAT_CHAR) {
        return u_hasBinaryProperty(code, UCHAR_PREPENDED_CONCATENATION_MARK);
    }
    if ((code >= 0x3248 && code <= 0x324f) || (code >= 0x4dc0 && code <= 0x4dff)) {
        return 2; /* circled numbers, hexagrams: wide for glibc, not in the property */
    }
    int wide = u_getIntPropertyValue(code, UCHAR_EAST_ASIAN_WIDTH);
    return wide == U_EA_WIDE || wide == U_EA_FULLWIDTH ? 2 : 1;
}

static int cluster_break(int32_t code)
{
    return code < 0x80 ? U_GCB_OTHER : u_getIntPropertyValue(code, UCHAR_GRAPHEME_CLUSTER_BREAK);
}

/* More marks than that on one letter are not writing, and could be stacked without end. */
enum { CLUSTER_CODES = 16 };

struct piece {
    size_t from, to;
    int32_t escape; /* the code to be written as an escape, when `escaped` */
    bool escaped;
    int width;
};

static struct piece escape(size_t from, size_t to, int32_t code)
{
    int width = code < 0 ? 4 : code > 0xffff ? 8 : 6;
    return (struct piece){.from = from, .to = to, .escape = code, .escaped = true, .width = width};
}

/* Does `code` belong to the cluster whose last code was `before`? (rules GB6 to GB13) */
static bool joins(int before, int code, bool pictograph, bool after_joiner, int flags)
{
    switch (code) {
    case U_GCB_EXTEND:
    case U_GCB_ZWJ:
    case U_GCB_SPACING_MARK:
        return true;
    case U_GCB_L:
    case U_GCB_LV:
    case U_GCB_LVT:
        return before == U_GCB_L;
    case U_GCB_V:
        return before == U_GCB_L || before == U_GCB_V || before == U_GCB_LV;
    case U_GCB_T:
        return before == U_GCB_V || before == U_GCB_LV || before == U_GCB_LVT || before == U_GCB_T;
    case U_GCB_REGIONAL_INDICATOR:
        return before == U_GCB_REGIONAL_INDICATOR && flags == 1;
    default:
        return after_joiner && pictograph;
    }
}

static struct piece next_piece(str s, size_t at)
{
    size_t end = at;
    unsigned char byte = (unsigned char)s.p[at];
    if (byte >= 0x20 && byte < 0x7f && (at + 1 == s.n || (unsigned char)s.p[at + 1] < 0x80)) {
        return (struct piece){.from = at, .to = at + 1, .width = 1};
    }
    int32_t first = text_next(s, &end);
    if (text_is_hostile(first)) {
        return escape(at, end, first);
    }
    int before = cluster_break(first);
    bool picture = u_hasBinaryProperty(first, UCHAR_EXTENDED_PICTOGRAPHIC), joined = false;
    int flags = before == U_GCB_REGIONAL_INDICATOR;
    int width = code_width(first);
    size_t first_end = end;
    for (int codes = 1; end < s.n && before != U_GCB_CONTROL && codes < CLUSTER_CODES; codes++) {
        size_t next = end;
        int32_t code = text_next(s, &next);
        if (code < 0 || text_is_hostile(code)) {
            break;
        }
        int rule = cluster_break(code);
        bool picture_too = u_hasBinaryProperty(code, UCHAR_EXTENDED_PICTOGRAPHIC);
        if (!joins(before, rule, picture_too, joined, flags)) {
            break;
        }
        joined = rule == U_GCB_ZWJ && picture;
        flags += rule == U_GCB_REGIONAL_INDICATOR;
        if (rule == U_GCB_SPACING_MARK || rule == U_GCB_REGIONAL_INDICATOR) {
            width += code_width(code);
        }
        before = rule;
        end = next;
    }
    if (width == 0) { /* a mark without a letter, an invisible character */
        return escape(at, first_end, first);
    }
    return (struct piece){.from = at, .to = end, .width = width};
}

static void add_piece(struct buf *out, str s, const struct piece *p)
{
    if (!p->escaped) {
        buf_add_bytes(out, s.p + p->from, p->to - p->from);
    } else if (p->escape < 0) {
        buf_addf(out, "\\x%02x", (unsigned)(-1 - p->escape));
    } else {
        buf_addf(out, p->escape > 0xffff ? "\\u%06x" : "\\u%04x", (unsigned)p->escape);
    }
}

void text_safe(struct buf *out, str data)
{
    for (size_t at = 0; at < data.n;) {
        struct piece p = next_piece(data, at);
        add_piece(out, data, &p);
        at = p.to;
    }
}

static int64_t width_of(str s)
{
    int64_t width = 0;
    for (size_t at = 0; at < s.n;) {
        struct piece p = next_piece(s, at);
        width += p.width;
        at = p.to;
    }
    return width;
}

int text_width(str s)
{
    int64_t width = width_of(s);
    return width > INT32_MAX ? INT32_MAX : (int)width;
}

void text_cut(struct buf *out, str data, int width, bool ascii)
{
    int64_t whole = width_of(data);
    if (whole <= width) {
        text_safe(out, data);
        return;
    }
    if (width <= 0) {
        return;
    }
    int64_t head = width / 2, tail = whole - (width - 1 - head), column = 0;
    bool cut = false;
    for (size_t at = 0; at < data.n;) {
        struct piece p = next_piece(data, at);
        if (!cut && column + p.width > head) {
            cut = true;
            buf_add(out, ascii ? STR("~") : STR("…"));
        }
        if (!cut || column >= tail) {
            add_piece(out, data, &p);
        }
        column += p.width;
        at = p.to;
    }
}

void text_pad(struct buf *out, int columns)
{
    for (int i = 0; i < columns; i++) {
        buf_putc(out, ' ');
    }
}

/* Digits of a whole number with a comma at every third from the right. */
static void add_grouped(struct buf *out, const char *digits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            buf_putc(out, ',');
        }
        buf_putc(out, digits[i]);
    }
}

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
}

void text_count(struct buf *out, int64_t n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, magnitude(n));
    if (n < 0) {
        buf_putc(out, '-');
    }
    add_grouped(out, digits, (size_t)length);
}

void text_counted(struct buf *out, uint64_t n, const char *noun)
{
    text_count(out, n > INT64_MAX ? INT64_MAX : (int64_t)n);
    buf_addf(out, " %s%s", noun, n == 1 ? "" : "s");
}

void text_sentence(struct buf *out, str sentence)
{
    struct buf safe = {0};
    bool quoted = false;
    text_safe(&safe, sentence);
    for (size_t at = 0; at < safe.n;) {
        size_t end = at;
        while (end < safe.n && safe.p[end] != ' ') {
            end++;
        }
        str word = {safe.p + at, end - at};
        size_t from = word.n > 0 && word.p[0] == '(' ? 1 : 0, digits = 0;
        while (from + digits < word.n && isdigit((unsigned char)word.p[from + digits])) {
            digits++;
        }
        str after = str_from(word, from + digits);
        bool ends = after.n == 0 || (after.n <= 2 && strspn(after.p, ",.;:)") >= after.n);
        if (!quoted && digits >= 5 && digits < 19 && word.p[from] != '0' && ends) {
            buf_add(out, str_first(word, from));
            add_grouped(out, word.p + from, digits);
            buf_add(out, after);
        } else {
            buf_add(out, word);
        }
        for (size_t i = 0; i < word.n; i++) {
            quoted ^= word.p[i] == '"';
        }
        if (end < safe.n) {
            buf_putc(out, ' ');
        }
        at = end + 1;
    }
    buf_finish(&safe);
}

void text_number(struct buf *out, double x, int decimals)
{
    char digits[400]; /* the largest double has 309 digits before the point */
    if (isnan(x)) {
        buf_putc(out, '-');
        return;
    }
    if (isinf(x)) {
        buf_add(out, x < 0 ? STR("-inf") : STR("inf"));
        return;
    }
    decimals = decimals < 0 ? 0 : decimals > 17 ? 17 : decimals;
    int length = snprintf(digits, sizeof digits, "%.*f", decimals, fabs(x));
    if (x < 0 && strspn(digits, "0.") < (size_t)length) { /* no "-0.00" */
        buf_putc(out, '-');
    }
    size_t whole = strcspn(digits, ".");
    add_grouped(out, digits, whole);
    buf_add_bytes(out, digits + whole, (size_t)length - whole);
}

void text_percent(struct buf *out, double share)
{
    double percent = share * 100;
    if (isnan(share)) {
        buf_putc(out, '-');
    } else if (share > 0 && percent < 0.05) {
        buf_add(out, STR("<0.1 %"));
    } else if (share < 1 && percent >= 99.95) {
        buf_add(out, STR(">99.9 %")); /* 100 % is a claim about every single one */
    } else {
        bool near_edge = (share > 0 && percent < 1) || (share < 1 && percent >= 99.5);
        text_number(out, percent, near_edge ? 1 : 0);
        buf_add(out, STR(" %"));
    }
}

void text_real(struct buf *out, double x)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x) {
            break;
        }
    }
    buf_add(out, str_of(text));
}

static lapse day_of(const struct look *look)
{
    return look != NULL && look->day > 0 ? look->day : DAY;
}

void text_lapse(struct buf *out, lapse t, const struct look *look)
{
    lapse day = day_of(look);
    if (t == WHEN_NONE) {
        buf_putc(out, '-');
        return;
    }
    if (t < 0) {
        buf_putc(out, '-');
        t = -t;
    }
    if (t == 0) {
        buf_add(out, STR("0s"));
    } else if (t / day >= 100 || t >= 100 * day - day / 20) { /* where one decimal would round up */
        text_number(out, (double)t / (double)day, 0);
        buf_putc(out, 'd');
    } else if (t >= day - (day > HOUR ? HOUR : day) / 20) {
        buf_addf(out, "%.1fd", fmax((double)t / (double)day, 1));
    } else if (t >= HOUR - MINUTE / 2) {
        buf_addf(out, "%.1fh", fmax((double)t / (double)HOUR, 1));
    } else if (t >= MINUTE - SECOND / 2) {
        buf_addf(out, "%.0fmin", (double)t / (double)MINUTE);
    } else if (t >= 10 * SECOND - SECOND / 20) {
        buf_addf(out, "%.0fs", (double)t / (double)SECOND);
    } else if (t >= 100000) {
        buf_addf(out, "%.1fs", (double)t / (double)SECOND);
    } else if (t >= 10000) {
        buf_addf(out, "%.0fms", (double)t / 1000);
    } else {
        text_real(out, (double)t / 1000);
        buf_add(out, STR("ms"));
    }
}

void text_lapse_exact(struct buf *out, lapse t, const struct look *look)
{
    const struct unit {
        lapse length, smaller;
        const char *name, *smaller_name;
    } units[] = {
        {day_of(look), HOUR, "d", "h"}, {HOUR, MINUTE, "h", "min"}, {MINUTE, SECOND, "min", "s"}};
    if (t == WHEN_NONE) {
        buf_putc(out, '-');
        return;
    }
    if (t < 0) {
        buf_putc(out, '-');
        t = -t;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const struct unit *u = &units[i];
        lapse rest = t % u->length; /* a day need not be whole hours */
        int64_t whole = t / u->length, small = (rest + u->smaller / 2) / u->smaller;
        if (small * u->smaller >= u->length) {
            whole++;
            small = 0;
        }
        if (whole > 0) {
            text_count(out, whole);
            buf_add(out, str_of(u->name));
            if (small > 0) {
                buf_addf(out, " %" PRId64 "%s", small, u->smaller_name);
            }
            return;
        }
    }
    text_seconds(out, t);
    buf_putc(out, 's');
}

void text_when(struct buf *out, when t, const struct zone *zone)
{
    when local = 0;
    if (t == WHEN_NONE || __builtin_add_overflow(t, zone_offset(zone, t), &local)) {
        buf_putc(out, '-');
        return;
    }
    struct civil c = clock_civil(local);
    buf_addf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

void text_seconds(struct buf *out, lapse t)
{
    uint64_t micros = magnitude(t), second = (uint64_t)SECOND;
    unsigned rest = (unsigned)(micros % second);
    buf_addf(out, "%s%" PRIu64, t < 0 ? "-" : "", micros / second);
    if (rest > 0) {
        char digits[8];
        int n = snprintf(digits, sizeof digits, "%06u", rest);
        while (digits[n - 1] == '0') {
            n--;
        }
        buf_addf(out, ".%.*s", n, digits);
    }
}
