#include "source/sqlguard.h"

#include "base/progress.h"

#include <string.h>
#include <unistd.h>

enum { VALUE_MAX = 16 << 20, STEPS = 10000 };

static int on_progress(void *cookie)
{
    struct sqlguard *g = cookie;
    if (g->steps != UINT64_MAX) {
        uint64_t used = STEPS / 1000;
        g->spent = g->steps < used;
        g->steps -= g->spent ? g->steps : used;
    }
    return g->spent || interrupt_signal() != 0;
}

static int authorize(void *cookie, int action, const char *first, const char *second,
                     const char *database, const char *inner)
{
    (void)cookie, (void)first, (void)second;
    bool ours = database == NULL || strcmp(database, "main") == 0;
    bool reads = action == SQLITE_SELECT || (action == SQLITE_READ && ours);
    return reads && inner == NULL ? SQLITE_OK : SQLITE_DENY;
}

static void limit(struct sqlguard *g)
{
    static const int LIMITS[][2] = {
        {SQLITE_LIMIT_LENGTH, VALUE_MAX},
        {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
        {SQLITE_LIMIT_COLUMN, 2000},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 3},
        {SQLITE_LIMIT_VDBE_OP, 100000},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 8},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
    };
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
        sqlite3_limit(g->db, LIMITS[i][0], LIMITS[i][1]);
    }
    sqlite3_db_config(g->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(g->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(g->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(g->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(g->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_progress_handler(g->db, STEPS, on_progress, g);
    sqlite3_set_authorizer(g->db, authorize, NULL);
}

status sqlguard_fail(const struct sqlguard *g, const char *name, const char *what,
                     struct error *why)
{
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    return error_set(why, "%s: %s: %s", name, what,
                     g->spent ? "reading it does not come to an end" : sqlite3_errmsg(g->db));
}

/* The database's own file is gone as soon as it is open. */
status sqlguard_open(struct stream *s, struct sqlguard *g, struct error *why)
{
    char path[STREAM_TEMP];
    *g = (struct sqlguard){.steps = UINT64_MAX};
    TRY(stream_to_temp(s, path, why));
    struct buf uri = {0};
    buf_add(&uri, STR("file:"));
    for (const char *c = path; *c != '\0'; c++) {
        buf_addf(&uri, strchr("%?# ", *c) != NULL ? "%%%02X" : "%c", (unsigned char)*c);
    }
    buf_add(&uri, STR("?mode=ro&immutable=1"));
    int result =
        sqlite3_open_v2(buf_cstr(&uri), &g->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    unlink(path);
    buf_finish(&uri);
    if (result != SQLITE_OK) {
        status_code code = sqlguard_fail(g, stream_name(s), "the database cannot be opened", why);
        sqlguard_close(g);
        return code;
    }
    limit(g);
    return OK;
}

void sqlguard_close(struct sqlguard *g)
{
    sqlite3_close(g->db);
    g->db = NULL;
}
