#include "source/mention.h"

#include <ctype.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Length of the key that begins at s[at], 0: none. [A-Z][A-Z0-9]+-[0-9]+ between word borders, or
 * #[0-9]+ (spec delivery-metrics.md 3, the default of link.pattern). */
static size_t key_at(str s, size_t at)
{
    size_t i = at, digits;
    if (s.p[i] == '#') {
        digits = ++i;
    } else {
        if (s.p[i] < 'A' || s.p[i] > 'Z' || (at > 0 && is_word(s.p[at - 1]))) {
            return 0;
        }
        while (i < s.n && (isdigit((unsigned char)s.p[i]) || (s.p[i] >= 'A' && s.p[i] <= 'Z'))) {
            i++;
        }
        if (i - at < 2 || i >= s.n || s.p[i] != '-') {
            return 0;
        }
        digits = ++i;
    }
    while (i < s.n && isdigit((unsigned char)s.p[i])) {
        i++;
    }
    bool ends = i == s.n || !is_word(s.p[i]);
    return i > digits && i - digits <= 18 && ends ? i - at : 0;
}

void mention_keys(str text, struct buf *out)
{
    enum { LONGEST = 64 };
    int found = 0;
    for (size_t i = 0; i < text.n && found < MENTIONS;) {
        size_t n = key_at(text, i);
        if (n > 0 && n <= LONGEST) {
            buf_add(out, found++ > 0 ? STR(" ") : STR(""));
            buf_add(out, str_first(str_from(text, i), n));
        }
        i += n > 0 ? n : 1;
    }
}

/* Length of the word at s[at] that closes what follows, with its ending; 0: there is none. */
static size_t closing_word(str s, size_t at, bool gitlab)
{
    static const struct {
        str word;
        bool gitlab; /* there only */
    } WORDS[] = {
        {STR_INIT("closes"), false},      {STR_INIT("closed"), false},
        {STR_INIT("close"), false},       {STR_INIT("fixes"), false},
        {STR_INIT("fixed"), false},       {STR_INIT("fix"), false},
        {STR_INIT("resolves"), false},    {STR_INIT("resolved"), false},
        {STR_INIT("resolve"), false},     {STR_INIT("closing"), true},
        {STR_INIT("fixing"), true},       {STR_INIT("resolving"), true},
        {STR_INIT("implements"), true},   {STR_INIT("implemented"), true},
        {STR_INIT("implementing"), true}, {STR_INIT("implement"), true},
    };
    if (at > 0 && is_word(s.p[at - 1])) {
        return 0;
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        size_t n = WORDS[i].word.n;
        if ((gitlab || !WORDS[i].gitlab) &&
            str_eq_case(str_first(str_from(s, at), n), WORDS[i].word) &&
            (at + n == s.n || !is_word(s.p[at + n]))) {
            return n;
        }
    }
    return 0;
}

bool mention_closing(str text, bool gitlab, size_t *at, str *ret_number)
{
    enum { DIGITS = 12 };
    while (*at < text.n) {
        size_t n = closing_word(text, *at, gitlab);
        *at += n > 0 ? n : 1;
        if (n == 0) {
            continue;
        }
        size_t i = *at;
        while (i < text.n && (text.p[i] == ' ' || text.p[i] == ':')) {
            i++;
        }
        size_t from = i + 1, end = from;
        while (i < text.n && text.p[i] == '#' && end < text.n &&
               isdigit((unsigned char)text.p[end])) {
            end++;
        }
        if (end > from && end - from <= DIGITS && (end == text.n || !is_word(text.p[end]))) {
            *ret_number = str_first(str_from(text, from), end - from);
            *at = end;
            return true;
        }
    }
    return false;
}

str mention_root_cause(str text)
{
    static const str WORDS = STR_INIT("root cause:");
    size_t at = 0;
    while (at + WORDS.n <= text.n && !str_eq_case(str_first(str_from(text, at), WORDS.n), WORDS)) {
        at++;
    }
    str rest = str_trim(str_from(text, at + WORDS.n));
    size_t n = 0;
    while (n < rest.n && isxdigit((unsigned char)rest.p[n])) {
        n++;
    }
    bool ends = n == rest.n || !is_word(rest.p[n]);
    return n >= 7 && n <= 64 && ends ? str_first(rest, n) : (str){0};
}
