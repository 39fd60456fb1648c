/* Saved summaries from anywhere: the first byte chooses the fold, the rest is loaded. What loads
 * can be merged with itself, saved, and loaded again to the same bytes. */
#include "fold/folds.h"

#include "base/mem.h"

#include <assert.h>

static size_t fold_count(void)
{
    size_t n = 0;
    while (folds[n] != NULL) {
        n++;
    }
    return n;
}

static void save_again(const struct fold *f, const void *summary, struct names *names)
{
    struct buf first = {0}, second = {0};
    void *loaded = mem_get(f->size);
    f->save(summary, names, &first);
    status_code done = f->load(loaded, names, buf_str(&first), NULL);
    assert(done == OK);
    f->save(loaded, names, &second);
    assert(str_eq(buf_str(&first), buf_str(&second)));
    f->merge(loaded, summary);
    f->finish(loaded);
    mem_put(loaded);
    buf_finish(&first);
    buf_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const struct fold *f = folds[data[0] % fold_count()];
    struct names names;
    struct error why = {0};
    void *summary = mem_get(f->size);
    names_init(&names);
    if (f->load(summary, &names, (str){(const char *)data + 1, size - 1}, &why) == OK) {
        save_again(f, summary, &names);
    }
    f->finish(summary);
    mem_put(summary);
    names_finish(&names);
    return 0;
}
