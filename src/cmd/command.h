/* A command of weir: one constant entry each. Help, completions and man pages are printed from it,
 * and nothing is written twice. src/cmd/<command>.c holds the entry COMMAND_<NAME> and its run
 * function; table.c lists the entries.
 *
 * A command adds its answer to c->out in the shape that c->look asks for (command_table and
 * command_document do it), and returns an exit code; main writes it out, through the pager where
 * one is due, and checks that it arrived. Streams of any length call command_flush now and then.
 *
 *     int run(struct command_context *c)
 *     {
 *         struct error why = {0};
 *         const char *store;
 *         status_code s = command_store_path(c, &store, &why);
 *         if (s != OK) {
 *             return command_fail(c, s, &why);
 *         }
 *         …
 *         return EXIT_YES;
 *     }
 */
#pragma once

#include "base/progress.h"
#include "cmd/options.h"
#include "engine/config.h"
#include "engine/timeword.h"
#include "store/store.h"
#include "view/doc.h"
#include "view/table.h"

enum exit_code {
    EXIT_YES = 0,      /* fine, or yes */
    EXIT_NO = 1,       /* the answer is no: nothing matched, a fault found */
    EXIT_ERROR = 2,    /* error or wrong usage */
    EXIT_REJECTED = 3, /* finished, but some input was rejected */
    EXIT_TEMPORARY = 75,
};

struct argument {
    const char *name; /* "PATH"; "info|verify|compact": one of these words. NULL ends the table */
    const char *purpose;
    bool optional, many; /* many: one or more (or none, when optional); the last one only */
    const char *words;   /* kind of names that complete it: "items", "file"; NULL */
};

struct example {
    const char *line; /* "weir map --dot | dot -Tsvg"; NULL ends the table */
    const char *purpose;
};

struct command_context;

enum command_flags {
    COMMAND_HIDDEN = 1,    /* not in lists */
    COMMAND_NO_CONFIG = 2, /* weir.yaml is not read: help, version, completion */
    COMMAND_SELECTS = 4,   /* takes --stream --where --from --to --last --clock */
    COMMAND_STORE = 8,     /* takes --store */
    COMMAND_ANSWERS = 16,  /* takes --output --json --plain --header --explain */
    COMMAND_ALONE = 32,    /* what plain `weir` runs inside a repository; at most one */
    COMMAND_SERVED = 64,   /* only reads: the server answers it over HTTP, too */
    COMMAND_INPUT = 128,   /* its argument - is standard input */
    COMMAND_OUTPUT = 256,  /* its argument - is standard output */
    COMMAND_HERE = 512,    /* never sent to a running server */
    COMMAND_READS = COMMAND_SELECTS | COMMAND_STORE | COMMAND_ANSWERS | COMMAND_SERVED,
};

enum command_group { /* heading in `weir help`; in the order of the table */
                     GROUP_START,
                     GROUP_FLOW,
                     GROUP_REQUESTS,
                     GROUP_CHANGE,
                     GROUP_DATA,
                     GROUP_SELF,
};

struct command {
    const char *name;
    const char *purpose;     /* one line, lower case, no full stop */
    const char *description; /* paragraphs for `weir help COMMAND` and the man page; may be NULL */
    const struct argument *arguments; /* may be NULL */
    const struct option *options;     /* its own; may be NULL */
    const struct example *examples;   /* at least one */
    const char *fields; /* of its JSON document, one "name: meaning" a line; NULL: none */
    unsigned flags;
    enum command_group group;
    int (*run)(struct command_context *c);
};

extern const struct command *const command_table_all[]; /* ends with NULL; in order of the help */
const struct command *command_find(str name);           /* NULL: none of this name */
const struct command *command_alone(void);              /* the one with COMMAND_ALONE; NULL: none */

struct command_context {
    const struct command *command;
    struct words words;
    struct arena text; /* lives as long as the program runs */
    struct look look;
    const struct config *config; /* never NULL; all defaults with COMMAND_NO_CONFIG */
    int verbosity;               /* -1: quiet, 0, 1: -v, 2: -vv */
    bool explain, no_input;
    struct timeword world;       /* the clock, read once, and the zone */
    struct progress progress;    /* give it to long work: prints on stderr as it should */
    struct buf out;              /* the answer so far */
    struct command_state *state; /* of main's machinery */
};

/* Options of the command or global, by name ("case"); asking for one that is in neither table is a
 * bug. A value falls back to the environment and to weir.yaml where the option has a key there. */
bool option_given(const struct command_context *c, const char *name);
bool option_flag(const struct command_context *c, const char *name);
str option_str(const struct command_context *c, const char *name); /* empty when not given */
size_t option_list(struct command_context *c, const char *name, const str **ret_values);
/* Not given: *ret is `otherwise`. */
status option_count(const struct command_context *c, const char *name, int64_t otherwise,
                    int64_t *ret, struct error *why); /* whole number, 0 or more */
status option_number(const struct command_context *c, const char *name, double otherwise,
                     double *ret, struct error *why);
status option_instant(struct command_context *c, const char *name, when otherwise, when *ret,
                      struct error *why); /* notes a time that the zone lacks or has twice */
status option_lapse(const struct command_context *c, const char *name, lapse otherwise, lapse *ret,
                    struct error *why);
size_t argument_count(const struct command_context *c);
str argument_at(const struct command_context *c, size_t i); /* empty behind the last */

/* --from, --to, --last, in --tz. Without them no bounds. */
status command_range(struct command_context *c, struct range *ret, struct error *why);
str command_last(const struct command_context *c); /* the duration that begins the range; empty:
                                                    * none does */
bool command_work_clock(const struct command_context *c); /* --clock work */
/* --where 'key=value', all must hold. */
struct where {
    str key, value;
};
status command_where(struct command_context *c, const struct where **ret, size_t *ret_n,
                     struct error *why);
const struct config_stream *
command_stream(const struct command_context *c); /* NULL: none is set up */
/* --store, WEIR_STORE, weir.yaml, else the default of the repository; the folder of the default is
 * made. The text lives as long as the program runs. */
status command_store_path(struct command_context *c, const char **ret, struct error *why);
/* That of --store on the command line alone, else a file of this name in the data folder, which is
 * made: what must never get into the store that WEIR_STORE or weir.yaml name. */
status command_own_store_path(struct command_context *c, const char *file, const char **ret,
                              struct error *why);
/* The store of the options, open: every command gets it from here and gives it back, so that a
 * server can hand out the one that it holds. What was not committed by then is gone. */
status command_store(struct command_context *c, enum store_mode mode, struct store **ret,
                     struct error *why);
void command_store_done(struct command_context *c, struct store *s); /* NULL is fine */
/* The same after a failure: a store that was made for it and holds nothing is gone, too. */
void command_store_discard(struct command_context *c, struct store *s);
/* store_info, with the path that was asked for as its place. */
status command_store_info(struct command_context *c, struct store *s, struct store_info *ret,
                          struct error *why);
/* May what the project's weir.yaml says about secrets be used? A cloned repository could send them
 * anywhere: ask before reading one that it names. FAIL says how to trust the file. */
status command_trusts(const struct command_context *c, struct error *why);

/* Answers. Both take what they are given. A document goes out as --json or --jsonl. */
void command_document(struct command_context *c, json_t *doc);
void command_table(struct command_context *c, struct table *t);
void command_say(struct command_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* a line of the answer for people; dropped when the look
                                            * is one for programs */
/* The same in lines of the terminal's width, indented, all but the first by two more. */
void command_wrap(struct command_context *c, int indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same behind a word at the left; all lines are indented by `indent`. */
void command_hang(struct command_context *c, const char *word, int indent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool command_wants_json(const struct command_context *c);  /* --json: build the document */
bool command_wants_words(const struct command_context *c); /* a table for people: add sentences */
/* Writes out what there is. END: the reader has gone (quietly stop), FAIL: it could not be written.
 */
status command_flush(struct command_context *c, struct error *why);

/* Messages, on stderr. */
void command_note(struct command_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* "weir: note: …", not with -q */
/* Prints the error ("weir: import: …", the hint last) and, with --json, the document weir.error/1.
 * Returns the exit code that belongs to the status. */
int command_fail(struct command_context *c, status_code s, const struct error *why);
int command_usage(struct command_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* wrong usage: exit code 2 */
/* Asks on the terminal; without one, or with --no-input, the answer is `otherwise`. */
bool command_ask(struct command_context *c, const char *question, bool otherwise);
