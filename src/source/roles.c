/* A table of the usual names in order of preference, one row a role. Columns that the person named
 * are taken first, so that no guess can claim them. */
#include "source/roles.h"

#include "base/nearest.h"

#include <ctype.h>

static const struct {
    const char *role, *option;
    const char *names[16];
} ROLES[ROLE_COUNT] = {
    [ROLE_CASE] = {"case",
                   "--case",
                   {"case_id", "case:concept:name", "caseid", "case", "number", "incident_id",
                    "issue key"}},
    [ROLE_ACTIVITY] = {"activity",
                       "--activity",
                       {"activity", "concept:name", "incident_state", "status", "task"}},
    [ROLE_TIME] = {"time",
                   "--time",
                   {"timestamp", "time:timestamp", "time", "end_time", "complete timestamp",
                    "completetimestamp", "completed_at", "sys_updated_at"}},
    [ROLE_START] = {"start", "--start", {"start_timestamp", "start_time", "started_at"}},
    [ROLE_LIFECYCLE] = {"lifecycle", "--lifecycle", {"lifecycle:transition", "lifecycle"}},
    [ROLE_RESOURCE] = {"resource",
                       "--resource",
                       {"resource", "org:resource", "sys_updated_by", "assignee",
                        "assignment_group", "org:group"}},
    [ROLE_TEAM] = {"team", NULL, {"org:group", "team"}},
    [ROLE_INSTANCE] = {"instance", NULL, {"concept:instance"}},
};

static char plain(char c)
{
    return c == ' ' || c == '-' || c == ':' ? '_' : (char)tolower((unsigned char)c);
}

static bool alike(str a, str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (plain(a.p[i]) != plain(b.p[i])) {
            return false;
        }
    }
    return true;
}

/* The column of that very name, else of a name alike; n when there is none. */
static size_t find(const str *names, size_t n, str name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(names[i], name)) {
            return i;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (alike(str_trim(names[i]), name)) {
            return i;
        }
    }
    return n;
}

enum { LISTED = 40 };

static void list(const str *names, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n && i < LISTED; i++) {
        buf_addf(out, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(str_first(names[i], 60)));
    }
    if (n > LISTED) {
        buf_addf(out, " and %zu more", n - LISTED);
    }
}

static status_code unknown(enum role role, const char *file, str name, const str *names, size_t n,
                           struct error *why)
{
    struct buf columns = {0};
    list(names, n, &columns);
    const str *near = nearest(name, names, n);
    if (near != NULL) {
        error_set(why,
                  "%s has no column \"" STR_FMT "\" (%s). Did you mean \"" STR_FMT
                  "\"? Its columns: %s",
                  file, STR_ARG(name), ROLES[role].option, STR_ARG(*near), buf_cstr(&columns));
    } else {
        error_set(why, "%s has no column \"" STR_FMT "\" (%s). Its columns: %s", file,
                  STR_ARG(name), ROLES[role].option, buf_cstr(&columns));
    }
    buf_finish(&columns);
    return FAIL;
}

/* "kind,number": the column of that name if there is one, else one column a part. */
static status choose_named(enum role role, str named, const char *file, const str *names, size_t n,
                           struct roles *r, struct error *why)
{
    size_t column = find(names, n, named);
    if (column < n) {
        r->of[role].n = 1;
        r->of[role].column[0] = column;
        return OK;
    }
    bool joined = role == ROLE_CASE || role == ROLE_ACTIVITY;
    str part = {0};
    for (str rest = named; str_cut(&rest, ',', &part);) {
        part = joined ? str_trim(part) : named;
        column = find(names, n, part);
        if (column == n) {
            return unknown(role, file, part, names, n, why);
        }
        if (r->of[role].n == ROLE_PARTS) {
            return error_set(why, "%s: more than %d columns", ROLES[role].option, ROLE_PARTS);
        }
        r->of[role].column[r->of[role].n++] = column;
    }
    return OK;
}

static bool taken(const struct roles *r, size_t column)
{
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        for (size_t i = 0; i < r->of[role].n; i++) {
            if (r->of[role].column[i] == column) {
                return true;
            }
        }
    }
    return false;
}

static void choose_usual(enum role role, const str *names, size_t n, struct source_notes *notes,
                         struct roles *r)
{
    struct buf others = {0};
    for (size_t i = 0; i < 16 && ROLES[role].names[i] != NULL; i++) {
        for (size_t column = 0; column < n; column++) {
            if (!alike(str_trim(names[column]), str_of(ROLES[role].names[i])) || taken(r, column)) {
                continue;
            }
            if (r->of[role].n == 0) {
                r->of[role].n = 1;
                r->of[role].column[0] = column;
            } else {
                buf_addf(&others, "%s\"" STR_FMT "\"", others.n > 0 ? ", " : "",
                         STR_ARG(names[column]));
            }
        }
    }
    if (notes != NULL && others.n > 0 && ROLES[role].option != NULL) {
        source_note(notes, "%s: column \"" STR_FMT "\" taken; %s would fit as well (%s)",
                    ROLES[role].role, STR_ARG(names[r->of[role].column[0]]), buf_cstr(&others),
                    ROLES[role].option);
    }
    buf_finish(&others);
}

static void note_choice(const struct roles *r, enum role role, const str *names,
                        struct source_notes *notes)
{
    struct buf columns = {0};
    for (size_t i = 0; i < r->of[role].n; i++) {
        buf_addf(&columns, "%s" STR_FMT, i > 0 ? "," : "", STR_ARG(names[r->of[role].column[i]]));
    }
    if (columns.n > 0) {
        source_note_column(notes, str_of(ROLES[role].role), buf_str(&columns));
    }
    buf_finish(&columns);
}

static status missing(const struct roles *r, const char *file, const str *names, size_t n,
                      struct error *why)
{
    struct buf what = {0}, columns = {0}, say = {0};
    for (size_t role = ROLE_CASE; role <= ROLE_TIME; role++) {
        if (r->of[role].n == 0) {
            buf_addf(&what, "%s%s", what.n > 0 ? ", " : "", ROLES[role].role);
            buf_addf(&say, " %s COLUMN", ROLES[role].option);
        }
    }
    status_code ok = OK;
    if (what.n > 0) {
        list(names, n, &columns);
        error_set(why, "%s: no column is known to be the %s. Its columns: %s", file,
                  buf_cstr(&what), buf_cstr(&columns));
        error_hint(why, "Say which it is:%s", buf_cstr(&say));
        ok = FAIL;
    }
    buf_finish(&what);
    buf_finish(&columns);
    buf_finish(&say);
    return ok;
}

static bool holds_statuses(const struct roles *r, const str *names)
{
    static const str STATUSES[] = {STR_INIT("incident_state"), STR_INIT("status"),
                                   STR_INIT("state")};
    if (r->of[ROLE_ACTIVITY].n != 1 || r->of[ROLE_START].n + r->of[ROLE_LIFECYCLE].n > 0) {
        return false;
    }
    bool found = false;
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++) {
        found |= alike(str_trim(names[r->of[ROLE_ACTIVITY].column[0]]), STATUSES[i]);
    }
    return found;
}

status roles_choose(const struct source_options *options, const char *file, const str *names,
                    size_t n, struct source_notes *notes, struct roles *ret, struct error *why)
{
    const str named[ROLE_COUNT] = {
        [ROLE_CASE] = options->case_column,           [ROLE_ACTIVITY] = options->activity_column,
        [ROLE_TIME] = options->time_column,           [ROLE_START] = options->start_column,
        [ROLE_LIFECYCLE] = options->lifecycle_column, [ROLE_RESOURCE] = options->resource_column,
    };
    struct roles r = {0};
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        if (named[role].n > 0) {
            TRY(choose_named((enum role)role, named[role], file, names, n, &r, why));
        }
    }
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        if (named[role].n == 0) {
            choose_usual((enum role)role, names, n, notes, &r);
        }
    }
    TRY(missing(&r, file, names, n, why));
    for (size_t role = 0; notes != NULL && role < ROLE_COUNT; role++) {
        note_choice(&r, (enum role)role, names, notes);
    }
    r.statuses = holds_statuses(&r, names);
    if (r.statuses && notes != NULL) {
        source_note(notes, "column \"" STR_FMT "\": read as statuses entered",
                    STR_ARG(names[r.of[ROLE_ACTIVITY].column[0]]));
    }
    *ret = r;
    return OK;
}
