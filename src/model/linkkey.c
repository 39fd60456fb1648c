#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/linkkey.h"

#include "base/mem.h"

#include <pcre2.h>

struct linkkey {
    pcre2_code *code;
    pcre2_match_data *found;
    pcre2_match_context *limits;
};

enum { STEPS = 100000 };
static const str USUAL = STR_INIT("\\b[A-Z][A-Z0-9]+-[0-9]+\\b|#[0-9]+\\b");

status linkkey_open(str pattern, struct linkkey **ret, struct error *why)
{
    struct linkkey *k = mem_get(sizeof *k);
    int number = 0;
    PCRE2_SIZE at = 0;
    pattern = pattern.n > 0 ? pattern : USUAL;
    k->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &number, &at, NULL);
    if (k->code == NULL) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(number, text, sizeof text);
        linkkey_close(k);
        return error_set(why, "links.pattern: \"" STR_FMT "\", character %zu: %s", STR_ARG(pattern),
                         (size_t)at + 1, (const char *)text);
    }
    (void)pcre2_jit_compile(k->code, PCRE2_JIT_COMPLETE); /* without it it is only slower */
    k->found = pcre2_match_data_create_from_pattern(k->code, NULL);
    k->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(k->limits, STEPS);
    *ret = k;
    return OK;
}

void linkkey_close(struct linkkey *k)
{
    if (k != NULL) {
        pcre2_code_free(k->code);
        pcre2_match_data_free(k->found);
        pcre2_match_context_free(k->limits);
        mem_put(k);
    }
}

bool linkkey_next(struct linkkey *k, str text, size_t *at, str *ret_key)
{
    while (*at < text.n) {
        int groups = pcre2_match(k->code, (PCRE2_SPTR)text.p, text.n, *at, 0, k->found, k->limits);
        if (groups < 0) { /* none, or it tried for too long */
            *at = text.n;
            return false;
        }
        const PCRE2_SIZE *span = pcre2_get_ovector_pointer(k->found);
        size_t group = groups > 1 && span[2] != PCRE2_UNSET ? 2 : 0;
        *ret_key = (str){text.p + span[group], span[group + 1] - span[group]};
        *at = span[1] > *at ? span[1] : *at + 1;
        if (ret_key->n > 0) {
            return true;
        }
    }
    return false;
}
