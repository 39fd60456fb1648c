/* Any bytes as a command line (words parted by NUL) and, behind a word of one 0x01, as environment.
 * Never a crash; what was understood keeps what options.h says. */
#include "cmd/command.h"

#include <assert.h>
#include <string.h>

enum { WORDS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    str text = arena_str(&a, (str){(const char *)data, size});
    const char *words[WORDS + 1], *variables[WORDS + 1];
    size_t argc = 0, n = 0;
    bool environment = false;
    for (size_t at = 0; at < size && argc < WORDS && n < WORDS; at += strlen(text.p + at) + 1) {
        if (strcmp(text.p + at, "\x01") == 0) {
            environment = true;
        } else if (environment) {
            variables[n++] = text.p + at;
        } else {
            words[argc++] = text.p + at;
        }
    }
    words[argc] = variables[n] = NULL;
    struct words w;
    struct error why = {0};
    status_code s = options_parse(words, argc, command_table_all, &w, &why);
    assert((s == OK) == (why.text[0] == 0));
    assert(w.arguments.n <= argc && w.given.n <= size);
    assert(s != OK || w.command.n == 0 || w.entry != NULL);
    if (s == OK) {
        s = options_environment(variables, &a, &w, &why);
        assert((s == OK) == (why.text[0] == 0));
    }
    for (size_t i = 0; i < w.given.n; i++) {
        assert(options_find(&w, w.given.v[i].option->name) != NULL);
    }
    options_finish(&w);
    arena_finish(&a);
    return 0;
}
