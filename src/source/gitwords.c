#include "source/gitwords.h"

enum { NUMBER_DIGITS = 9, LINES = 10000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the number at the beginning of *s; false when there is none, it is 0 or too long. */
static bool take_number(str *s, uint32_t *ret)
{
    uint32_t value = 0;
    size_t i = 0;
    for (; i < s->n && is_digit(s->p[i]); i++) {
        if (i == NUMBER_DIGITS) {
            return false;
        }
        value = value * 10 + (uint32_t)(s->p[i] - '0');
    }
    if (value == 0) {
        return false;
    }
    *s = str_from(*s, i);
    *ret = value;
    return true;
}

static void add(struct gitwords *w, char sign, uint32_t number, enum gitrule rule)
{
    for (size_t i = 0; i < w->change_n; i++) {
        if (w->changes[i].number == number && w->changes[i].sign == sign) {
            if (rule < w->changes[i].rule) {
                w->changes[i].rule = (uint8_t)rule;
            }
            return;
        }
    }
    if (w->change_n < GITWORDS_CHANGES) {
        w->changes[w->change_n++] = (struct gitwords_change){number, sign, (uint8_t)rule};
    }
}

static bool take_word(str *s, str word)
{
    if (!str_eq_case(str_first(*s, word.n), word)) {
        return false;
    }
    *s = str_from(*s, word.n);
    return true;
}

static void read_merge(struct gitwords *w, bool is_merge)
{
    enum gitrule rule = is_merge ? GITRULE_MERGE : GITRULE_TRAILER;
    uint32_t number;
    str s = w->subject;
    if (!take_word(&s, STR("merge"))) {
        return;
    }
    (void)take_word(&s, STR("d"));
    str rest = s;
    if (take_word(&rest, STR(" pull request #")) && take_number(&rest, &number)) {
        add(w, '#', number, rule);
        return;
    }
    rest = str_from(s, str_find(s, STR("(pull request #")));
    if (take_word(&rest, STR("(pull request #")) && take_number(&rest, &number)) {
        add(w, '#', number, rule);
        return;
    }
    rest = s;
    if (take_word(&rest, STR(" branch 'pr/")) && take_number(&rest, &number) &&
        str_starts(rest, STR("'"))) {
        add(w, '#', number, rule);
    }
}

/* "… (#12) (#7)": from the end of the subject backwards. */
static void read_trailer(struct gitwords *w)
{
    str s = w->subject;
    for (;;) {
        s = str_trim(s);
        size_t i = s.n;
        if (i == 0 || s.p[i - 1] != ')') {
            return;
        }
        i--;
        size_t end = i;
        while (i > 0 && is_digit(s.p[i - 1])) {
            i--;
        }
        str digits = {s.p + i, end - i};
        uint32_t number;
        if (i < 2 || (s.p[i - 1] != '#' && s.p[i - 1] != '!') || s.p[i - 2] != '(' ||
            !take_number(&digits, &number)) {
            return;
        }
        add(w, s.p[i - 1], number, GITRULE_TRAILER);
        s = str_first(s, i - 2);
    }
}

/* An address that ends in /pull/7, /issues/7 or /merge_requests/7; the text behind it is left. */
static bool take_address(str *s, char *ret_sign, uint32_t *ret)
{
    static const struct {
        str part;
        char sign;
    } KINDS[] = {{STR_INIT("/pull/"), '#'},
                 {STR_INIT("/issues/"), '#'},
                 {STR_INIT("/merge_requests/"), '!'}};
    if (!str_starts(*s, STR("https://")) && !str_starts(*s, STR("http://"))) {
        return false;
    }
    size_t end = 0;
    while (end < s->n && s->p[end] > ' ' && s->p[end] != ',' && s->p[end] != ')') {
        end++;
    }
    str address = str_first(*s, end);
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
        size_t at = str_find(address, KINDS[k].part);
        if (at < address.n) {
            str rest = str_from(address, at + KINDS[k].part.n);
            if (take_number(&rest, ret)) {
                *ret_sign = KINDS[k].sign;
                *s = str_from(*s, end);
                return true;
            }
        }
    }
    return false;
}

static void skip_blank(str *s)
{
    while (s->n > 0 && (s->p[0] == ' ' || s->p[0] == '\t')) {
        *s = str_from(*s, 1);
    }
}

/* "Closes #7, #8 and https://…/pull/9" */
static void read_closes(struct gitwords *w, str line)
{
    static const str VERBS[] = {STR_INIT("closes"),   STR_INIT("closed"),   STR_INIT("close"),
                                STR_INIT("fixes"),    STR_INIT("fixed"),    STR_INIT("fix"),
                                STR_INIT("resolves"), STR_INIT("resolved"), STR_INIT("resolve")};
    str s = line;
    skip_blank(&s);
    if (str_starts(s, STR("- ")) || str_starts(s, STR("* "))) {
        s = str_from(s, 2);
    }
    bool verb = false;
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS && !verb; i++) {
        verb = take_word(&s, VERBS[i]);
    }
    if (!verb) {
        return;
    }
    (void)take_word(&s, STR(":"));
    if (s.n == 0 || (s.p[0] != ' ' && s.p[0] != '\t' && s.p[0] != '#')) {
        return; /* "Fixture …" */
    }
    for (;;) {
        skip_blank(&s);
        uint32_t number;
        char sign = s.n > 0 ? s.p[0] : '\0';
        str rest = str_from(s, 1);
        if ((sign == '#' || sign == '!') && take_number(&rest, &number)) {
            s = rest;
        } else if (!take_address(&s, &sign, &number)) {
            return;
        }
        add(w, sign, number, GITRULE_CLOSES);
        skip_blank(&s);
        if (!take_word(&s, STR(",")) && !take_word(&s, STR("and ")) && !take_word(&s, STR("&"))) {
            return;
        }
        skip_blank(&s);
        (void)take_word(&s, STR("and "));
    }
}

static void read_line(struct gitwords *w, str line, bool is_merge)
{
    switch (line.n > 0 ? line.p[0] : '\0') { /* what a line of interest can begin with */
    case 'C':
    case 'c':
    case 'F':
    case 'f':
    case 'R':
    case 'r':
    case ' ':
    case '\t':
    case '-':
    case '*':
        read_closes(w, line);
        break;
    case 'S':
        if (str_starts(line, STR("See merge request "))) {
            str rest = str_from(line, str_find_char(line, '!') + 1);
            uint32_t number;
            if (take_number(&rest, &number)) {
                add(w, '!', number, is_merge ? GITRULE_MERGE : GITRULE_TRAILER);
            }
        }
        break;
    default:
        break;
    }
    static const str PICKED = STR_INIT("(cherry picked from commit ");
    str s = str_trim(line);
    if (s.n > PICKED.n && s.p[0] == '(' && str_starts(s, PICKED) && w->pick_n < GITWORDS_PICKS) {
        str id = str_from(s, PICKED.n);
        size_t end = str_find_char(id, ')');
        if (end == GIT_OID_HEXSZ &&
            git_oid_fromstrn(&w->picks[w->pick_n], id.p, GIT_OID_HEXSZ) == 0) {
            w->pick_n++;
        }
    }
}

void gitwords_read(str message, bool is_merge, struct gitwords *ret)
{
    ret->subject = (str){0};
    ret->change_n = ret->pick_n = 0;
    str rest = message, line;
    for (size_t i = 0; i < LINES && str_cut(&rest, '\n', &line); i++) {
        if (ret->subject.n == 0) {
            ret->subject = str_trim(line);
            if (ret->subject.n > 0) {
                read_merge(ret, is_merge);
                read_trailer(ret);
            }
        }
        read_line(ret, line, is_merge);
    }
}
