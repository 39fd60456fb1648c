/* weir.yaml: what a person says about their value stream (weir.yaml(5); decisions 7, cli.md 5).
 *
 * Levels, nearest first: option, environment, project (weir.yaml upwards to the repository root),
 * user ($XDG_CONFIG_HOME/weir/weir.yaml), system (/etc/weir/weir.yaml), default. Mappings merge key
 * by key, sequences replace. The schema is one table (config_schema); check, show, the man page and
 * the JSON schema are printed from it. Everything read lives as long as the struct config. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/vec.h"

struct origin { /* where a value was written; file NULL: not given */
    const char *file;
    int line, column;
};

struct strs { /* a list of texts */
    const str *v;
    size_t n;
};

struct config_match {               /* an event matches when every field given does */
    struct strs type;               /* kinds of event: "issue.status", "release"; globs with * */
    struct strs activity, to, from; /* values; globs with * */
    struct strs actor, team;
};

struct config_stage {
    str name, team;
    str category; /* empty: by default active */
    struct config_match match;
    struct strs waiting; /* activities that are the queue before this stage */
    struct origin origin;
};

/* Opening hours of one day of the week, in minutes of the local day: [from, to), to up to 1440. */
struct config_hours {
    int weekday; /* 0 = Monday */
    int from, to;
};
/* Of one date; `day` is its local midnight read as UTC (zone_instant makes an instant of it). */
struct config_extra {
    when day;
    int from, to;
};
struct config_freeze { /* local days read as UTC, half-open */
    when from, to;
};

struct config_pool {
    str name;
    double people; /* 0: not given */
    struct strs stages;
    str calendar;
    struct origin origin;
};

struct config_calendar {
    str name, zone;
    str days;             /* "mon-fri" */
    str hours;            /* "09:00-17:30" or "Mon-Fri 09:00-17:00, Sat 09:00-12:00" */
    struct strs holidays; /* dates */
    struct strs extra;    /* "2026-11-28 10:00-14:00" */
    struct strs freeze;   /* "2026-12-20..2027-01-02": both days included */
    /* The same, understood: sorted, without overlaps. */
    const struct config_hours *open;
    size_t open_count;
    const when *holiday; /* local midnights read as UTC */
    size_t holiday_count;
    const struct config_extra *extra_open;
    size_t extra_count;
    const struct config_freeze *frozen;
    size_t frozen_count;
    struct origin origin;
};

struct config_team {
    str name;
    struct strs members;
    str calendar;
    struct origin origin;
};

struct config_source {
    str name; /* given, or the kind */
    str kind; /* "git", "csv", "github", … */
    str path, url, repository, map;
    str secret_file, secret_env, secret_credential;
    str token_file; /* for `url`: what we show the service */
    lapse poll;     /* how often it is asked; 0: the usual */
    struct origin origin;
};

struct config_rule {  /* of rules: and of gate: */
    str metric, rule; /* change_fail_rate: dora; lead.p85: 10d */
    struct origin origin;
};

struct config_stream {
    str name;
    str items; /* kind of item that is the trace; empty: not given */
    VEC(struct config_stage) stages;
    str done; /* in_use | deployed | released | merged | closed; empty: not given */
    struct strs ignore;
    struct origin origin;
};

struct config {
    struct arena text;
    const char *project;      /* folder of the project's weir.yaml, or NULL */
    const char *const *files; /* that were read, lowest level first */
    size_t file_count;
    str store, timezone, clock, output, color, last; /* settings that are options too; a store
                                                      * that is a path is found from its file */
    bool ascii;
    int64_t threads; /* 0: not given */
    str timeout;
    VEC(struct config_stream) streams; /* `stream:` form: one; may be empty */
    str stream;                        /* the one to look at when none is asked for */
    VEC(struct config_pool) pools;
    VEC(struct config_calendar) calendars;
    VEC(struct config_team) teams;
    VEC(struct config_source) sources;
    VEC(struct config_rule) rules;
    VEC(struct config_rule) gate_max, gate_min;
    str link_pattern;
    lapse link_window;     /* 0: not given */
    str privacy_actors;    /* pseudonym | plain; empty: not given */
    int64_t minimum_group; /* 0: not given */
    str serve_listen;      /* "127.0.0.1:8080" */
    struct strs serve_hosts, serve_cors;
    bool serve_insecure_http;
    str proxy_user_header, proxy_secret_header;
    str proxy_secret_file, proxy_secret_env, proxy_secret_credential;
    struct strs proxy_trusted;
    int64_t serve_head_bytes, serve_body_bytes, serve_connections; /* 0: not given */
    struct config_value *values; /* every value with its origin, in order, for `config show` */
    size_t value_count;
    struct config_value *untrusted;
    size_t untrusted_count;
};

struct config_value {
    const char *path; /* "calendars.office.hours" */
    str value;
    const char *type; /* "text", "whole number", "number", "yes or no", "duration", … */
    struct origin origin;
};

struct config_where {          /* what to read; the world as a parameter */
    const char *directory;     /* where the search for the project's file begins */
    const char *file;          /* --config: this file alone is the project's; NULL: search */
    const char *user, *system; /* files, NULL: none. They may be absent */
};

/* FAIL with file:line:column, what is wrong and the nearest known key. */
status config_read(const struct config_where *where, struct config **ret, struct error *why);
/* One text alone, as a project's file `name`; for tests and fuzzing. */
status config_parse(str yaml, const char *name, struct config **ret, struct error *why);
void config_free(struct config *c);

const struct config_stream *config_stream(const struct config *c, str name); /* empty: the default;
                                                                              * NULL: none */
const struct config_calendar *config_calendar(const struct config *c, str name);

/* What a project's file that was found by search (it may come with a cloned repository) must not
 * say unless the user trusted it: a store outside the project's folder or on a server, anything of
 * `serve`, and a source with a secret, which it could send anywhere. NULL and 0 when all is well.
 */
const struct config_value *config_untrusted(const struct config *c, size_t *ret_n);

/* The folder at or above `directory` that holds .git, or is a bare repository itself; "" when none.
 */
str config_repository(const char *directory, struct arena *a);
/* The default store of the repository at `directory`:
 * $XDG_DATA_HOME/weir/<repository>-<hash>.duckdb, the hash being of its absolute path, so that two
 * repositories of one name do not share a store; of the folder itself when it is in none.
 * `data_home` is the variable's value (NULL or relative: ignored), `home` is $HOME; without both,
 * .weir/store.duckdb in the repository. */
const char *config_store_path(const char *directory, const char *data_home, const char *home,
                              struct arena *a);

/* The schema: one row a key, in order of the man page. `path` names mappings by * and lists by []:
 * "calendars.*.hours", "streams.*.stages[].match.type". Reading is driven by these rows. */
enum config_kind {
    KEY_TEXT,
    KEY_WHOLE,  /* int64_t */
    KEY_NUMBER, /* double */
    KEY_FLAG,   /* bool */
    KEY_LAPSE,  /* lapse */
    KEY_SPAN,   /* a duration, kept as the text that it is */
    KEY_TEXTS,  /* list of texts; one text alone is a list of one */
    KEY_GROUP,  /* a mapping with fixed keys */
    KEY_NAMED,  /* a mapping from names to mappings with fixed keys */
    KEY_EACH,   /* a list of mappings with fixed keys; also as a mapping, its keys the names */
    KEY_PAIRS,  /* a mapping from names to texts */
    KEY_MOVED,  /* belongs to the stream that `stream` names: same key under streams.* */
};

struct config_key {
    const char *path;
    const char *type; /* in words */
    const char *purpose;
    const char *words;   /* "in_use|deployed|…", or NULL */
    const char *example; /* or NULL */
    const char *also;    /* another name that is understood, or NULL */
    enum config_kind kind;
    uint16_t at; /* where the value is kept, in the struct of the mapping around it */
    const struct config_shape *shape; /* of KEY_NAMED, KEY_EACH, KEY_PAIRS */
};
extern const struct config_key config_schema[]; /* ends with path NULL */
