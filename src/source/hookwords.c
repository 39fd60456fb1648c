#include "source/hookwords.h"

#include "base/buf.h"

enum { TEXT = 500 };

void hook_words_finish(struct hook_words *w)
{
    if (w->values.n > 0) {
        intern_finish(&w->keys);
    }
    VEC_FINISH(&w->values);
    arena_finish(&w->text);
}

static void make_key(const char *kind, str id, struct buf *out)
{
    buf_addf(out, "%s ", kind);
    buf_add(out, str_first(id, TEXT));
}

void hook_word_set(struct hook_words *w, const char *kind, str id, str value)
{
    if (id.n == 0 || value.n == 0 || w->values.n > HOOK_WORDS) {
        return;
    }
    if (w->values.n == 0) {
        intern_init(&w->keys, "words of a tool");
        VEC_ADD(&w->values, (str){0}); /* number 0 is the empty key */
    }
    struct buf key = {0};
    make_key(kind, id, &key);
    uint32_t number = intern_add(&w->keys, buf_str(&key));
    buf_finish(&key);
    if (number == w->values.n) {
        VEC_ADD(&w->values, (str){0});
    }
    if (!str_eq(w->values.v[number], str_first(value, TEXT))) {
        w->values.v[number] = arena_str(&w->text, str_first(value, TEXT));
    }
}

str hook_word(const struct hook_words *w, const char *kind, str id)
{
    struct buf key = {0};
    uint32_t number = 0;
    if (w->values.n > 0) {
        make_key(kind, id, &key);
        (void)intern_find(&w->keys, buf_str(&key), &number);
    }
    buf_finish(&key);
    return number != 0 ? w->values.v[number] : (str){0};
}
