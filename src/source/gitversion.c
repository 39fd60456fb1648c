#include "source/gitversion.h"

#include <string.h>

enum { FINAL = 9, DIGITS = 9 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The numbers that begin at `at`; returns the index behind them. */
static size_t read_parts(str s, size_t at, struct gitversion *v)
{
    v->part_n = 0;
    for (;;) {
        uint32_t value = 0;
        size_t digits = 0;
        for (; at < s.n && is_digit(s.p[at]); at++, digits++) {
            value = digits < DIGITS ? value * 10 + (uint32_t)(s.p[at] - '0') : value;
        }
        if (v->part_n < GITVERSION_PARTS) {
            v->parts[v->part_n++] = value;
        }
        bool more = at + 1 < s.n && strchr("._-", s.p[at]) != NULL && s.p[at] != '\0' &&
                    is_digit(s.p[at + 1]);
        if (!more) {
            return at;
        }
        at++;
    }
}

/* Looks for the words of a prerelease among the runs of letters in `s`. */
static void read_stage(str s, struct gitversion *v)
{
    static const struct {
        str word;
        uint8_t stage;
        bool prefix; /* "prepipeline" is one, too */
        bool digit;  /* only with a digit behind it: 1.1.1a is a release of its own, 1.1a1 is not */
    } WORDS[] = {
        {STR_INIT("dev"), 0, true, false},        {STR_INIT("snapshot"), 0, false, false},
        {STR_INIT("nightly"), 0, false, false},   {STR_INIT("canary"), 0, false, false},
        {STR_INIT("alpha"), 1, true, false},      {STR_INIT("a"), 1, false, true},
        {STR_INIT("beta"), 2, true, false},       {STR_INIT("b"), 2, false, true},
        {STR_INIT("milestone"), 2, false, false}, {STR_INIT("m"), 2, false, true},
        {STR_INIT("pre"), 3, true, false},        {STR_INIT("rc"), 4, false, false},
        {STR_INIT("c"), 4, false, true},          {STR_INIT("cr"), 4, false, true},
    };
    for (size_t i = 0; i < s.n;) {
        if (!is_letter(s.p[i])) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < s.n && is_letter(s.p[end])) {
            end++;
        }
        str run = {s.p + i, end - i};
        for (size_t k = 0; k < sizeof WORDS / sizeof *WORDS; k++) {
            bool fits = WORDS[k].prefix
                            ? str_eq_case(str_first(run, WORDS[k].word.n), WORDS[k].word)
                            : str_eq_case(run, WORDS[k].word);
            if (fits && (!WORDS[k].digit || (end < s.n && is_digit(s.p[end])))) {
                v->prerelease = true;
                v->stage = WORDS[k].stage;
                struct gitversion number;
                size_t at = end;
                while (at < s.n && (s.p[at] == '.' || s.p[at] == '-' || s.p[at] == '_')) {
                    at++;
                }
                if (at < s.n && is_digit(s.p[at])) {
                    (void)read_parts(s, at, &number);
                    v->stage_part = number.parts[0];
                }
                return;
            }
        }
        i = end;
    }
}

/* May one number alone behind this prefix be a version? */
static bool is_lone_prefix(str prefix)
{
    static const str WORDS[] = {STR_INIT(""),    STR_INIT("v"),       STR_INIT("r"),
                                STR_INIT("rel"), STR_INIT("release"), STR_INIT("version")};
    while (prefix.n > 0 && strchr("-_./", prefix.p[prefix.n - 1]) != NULL) {
        prefix = str_first(prefix, prefix.n - 1);
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq_case(prefix, WORDS[i])) {
            return true;
        }
    }
    return false;
}

bool gitversion_parse(str tag, struct gitversion *ret)
{
    struct gitversion best = {0};
    size_t begin = 0, end = 0;
    for (size_t i = 0; i < tag.n;) { /* the longest run of numbers: "log4j-2.17.0" */
        if (!is_digit(tag.p[i])) {
            i++;
            continue;
        }
        struct gitversion v = {0};
        size_t behind = read_parts(tag, i, &v);
        if (v.part_n > best.part_n) {
            best = v;
            begin = i;
            end = behind;
        }
        i = behind;
    }
    if (best.part_n == 0 || (best.part_n == 1 && !is_lone_prefix(str_first(tag, begin)))) {
        return false;
    }
    best.stage = FINAL;
    read_stage(str_first(tag, begin), &best); /* "rc-8_22_0-1" */
    if (best.prerelease && best.part_n > 3) { /* the last number is that of the candidate */
        best.stage_part = best.parts[--best.part_n];
    }
    if (!best.prerelease) {
        read_stage(str_from(tag, end), &best);
    }
    *ret = best;
    return true;
}

int gitversion_cmp(const struct gitversion *a, const struct gitversion *b)
{
    for (size_t i = 0; i < GITVERSION_PARTS; i++) { /* 1.2 and 1.2.0 are alike */
        uint32_t x = i < a->part_n ? a->parts[i] : 0, y = i < b->part_n ? b->parts[i] : 0;
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    if (a->stage != b->stage) {
        return a->stage < b->stage ? -1 : 1;
    }
    return (a->stage_part > b->stage_part) - (a->stage_part < b->stage_part);
}
