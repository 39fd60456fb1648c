/* The words of a command line: options (of every command, and of one), arguments, and what is wrong
 * with them. Options may stand before or after the command; `--` ends them; `--opt=v` and `--opt v`
 * are equal; `-qv` is `-q -v`. An option given twice is an error unless its kind says otherwise. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

enum option_kind {
    OPTION_END, /* ends a table of options */
    OPTION_FLAG,
    OPTION_COUNTED, /* a flag that may be repeated: -v -v */
    OPTION_VALUE,
    OPTION_LIST, /* may be repeated, all count */
};

struct option {
    enum option_kind kind;
    const char *name;    /* "case" for --case; "C" has a letter only */
    char letter;         /* 'q', or 0 */
    const char *value;   /* "COLUMN", or the words allowed: "wall|work"; NULL for flags */
    const char *purpose; /* one line */
    const char *words;   /* kind of names that complete it: "stages", "streams", "file"; NULL */
};

struct given {
    const struct option *option;
    str value;        /* of a flag: empty */
    const char *from; /* "--last", or the variable: "WEIR_LAST" */
};

struct words {
    VEC(struct given) given;
    VEC(str) arguments; /* without the command */
    str command;        /* empty: none */
};

struct command;
extern const struct option options_global[];

/* Reads the command line (without the program's name) against the table of commands. What is
 * wrong is one sentence with one suggestion. `ret` is filled as far as the words were understood
 * even on FAIL (so that --json is known when the error is printed); finish it in any case. */
status options_parse(const char *const *argv, size_t argc, const struct command *const *commands,
                     struct words *ret, struct error *why);
/* Adds what WEIR_… variables say about global options not given on the command line. */
status options_environment(const char *const *environment, struct arena *a, struct words *words,
                           struct error *why);
void options_finish(struct words *w);

const struct given *options_find(const struct words *w, const char *name); /* NULL: not given */

/* The candidate nearest to `word` by at most 2 edits (insert, delete, replace, swap), or NULL. */
const char *options_nearest(str word, const char *const *candidates, size_t n);
/* Is `word` one of "a|b|c"? */
bool options_is_word(str word, const char *words);
