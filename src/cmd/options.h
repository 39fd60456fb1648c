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
    const char *name;  /* "case" for --case; a name of one letter has only the letter: "C" for -C */
    char letter;       /* 'q', or 0 */
    const char *value; /* "COLUMN", or in lower case the words allowed: "wall|work"; NULL: flag */
    const char *purpose; /* one line; NULL: not shown in help, man page and completion */
    const char *words;   /* kind of names that complete it: "stages", "streams", "file"; NULL */
    unsigned of; /* of a global option: the commands that take it (enum command_flags), 0: all */
};

struct given {
    const struct option *option;
    str value;            /* of a flag: empty */
    const char *variable; /* "WEIR_LAST" when the environment gave it, NULL: the command line */
};

struct words {
    VEC(struct given) given;
    VEC(str) arguments;          /* without the command */
    str command;                 /* empty: none */
    const struct command *entry; /* of that name, or the one that plain weir runs; NULL: none */
};

struct command;
extern const struct option options_global[];

/* Reads the command line (without the program's name) against the table of commands. What is
 * wrong is one sentence with one suggestion. `ret` is filled as far as the words were understood
 * even on FAIL (so that --json is known when the error is printed); finish it in any case. Texts
 * point into argv. With --help or --version among the words, missing arguments are no fault. */
status options_parse(const char *const *argv, size_t argc, const struct command *const *commands,
                     struct words *ret, struct error *why);
/* Adds what WEIR_… variables say about global options, unless the command line gave the option or
 * one that excludes it (WEIR_LAST and --from). Flags: 1, yes, true, on and 0, no, false, off, "".
 */
status options_environment(const char *const *environment, struct arena *a, struct words *words,
                           struct error *why);
void options_finish(struct words *w);

const struct given *options_find(const struct words *w, const char *name); /* NULL: not given */
/* In a table (NULL: an empty one), by its name; NULL: not there. */
const struct option *options_in(const struct option *table, str name);
bool options_takes(const struct command *c, const struct option *global);

enum { OPTION_TEXT = 64 };
const char *options_text(const struct option *o, char text[OPTION_TEXT]); /* "--last", "-C" */
/* The variable of a global option: "WEIR_LAST"; NULL: it has none. */
const char *options_variable(const struct option *o, char text[OPTION_TEXT]);
const char *options_value(const char *const *environment, const char *variable); /* NULL: unset */

bool options_are_words(const char *value);         /* "wall|work", not "PATH|URL" or "N" */
bool options_is_word(str word, const char *words); /* is it one of "a|b|c"? */
