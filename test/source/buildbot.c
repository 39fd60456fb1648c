/* buildbot: our own bodies of HttpStatusPush, and a database of a master made by hand: what was
 * posted and what is read afterwards are the same facts. */
#include "hooking.h"

#include <sqlite3.h>

static void bodies(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_BUILDBOT, "buildbot");
}

#define SHA "89abcdef0123456789abcdef0123456789abcdef"

/* The tables of buildbot 3.7, as far as weir reads them. */
static const char SCHEMA[] =
    "CREATE TABLE alembic_version(version_num VARCHAR(32));"
    "CREATE TABLE builders(id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE builds(id INTEGER PRIMARY KEY, number INTEGER, builderid INTEGER, "
    "buildrequestid INTEGER, workerid INTEGER, masterid INTEGER, started_at INTEGER, complete_at "
    "INTEGER, state_string TEXT, results INTEGER);"
    "CREATE TABLE buildrequests(id INTEGER PRIMARY KEY, buildsetid INTEGER, builderid INTEGER, "
    "submitted_at INTEGER);"
    "CREATE TABLE buildsets(id INTEGER PRIMARY KEY, reason TEXT, submitted_at INTEGER);"
    "CREATE TABLE buildset_sourcestamps(id INTEGER PRIMARY KEY, buildsetid INTEGER, "
    "sourcestampid INTEGER);"
    "CREATE TABLE sourcestamps(id INTEGER PRIMARY KEY, branch TEXT, revision TEXT, repository "
    "TEXT, codebase TEXT, project TEXT);"
    "CREATE TABLE steps(id INTEGER PRIMARY KEY, number INTEGER, name TEXT, buildid INTEGER, "
    "started_at INTEGER, complete_at INTEGER, state_string TEXT, results INTEGER, hidden "
    "INTEGER);"
    "CREATE TABLE build_properties(buildid INTEGER, name TEXT, value TEXT, source TEXT);";

static const char ROWS[] =
    "INSERT INTO alembic_version VALUES('059');"
    "INSERT INTO builders VALUES(1,'shop ci');"
    "INSERT INTO sourcestamps VALUES(1,'main','" SHA
    "','https://git.example/acme/shop.git','','shop'),(2,NULL,NULL,'','','');"
    "INSERT INTO buildsets VALUES(1,'x',1772352000),(2,'forced',1772352000);"
    "INSERT INTO buildset_sourcestamps VALUES(1,1,1),(2,2,2);"
    "INSERT INTO buildrequests VALUES(71,1,1,1772352000),(77,2,1,1772352000);"
    "INSERT INTO builds VALUES(41,1,1,71,1,1,1772352010,1772352130,'ok',0),"
    "(47,7,1,77,1,1,1772352010,NULL,'',NULL),(48,8,9,99,1,1,1772352010,NULL,'',NULL);"
    "INSERT INTO steps VALUES(1,0,'git',41,1772352011,1772352020,'',0,0),"
    "(2,1,'test',41,1772352020,1772352129,'',2,0),"
    "(3,2,'worker_preparation',41,1772352020,1772352020,'',0,1),"
    "(4,3,'deploy',41,1772352129,NULL,'',NULL,0),(5,4,'upload',41,NULL,1772352130,'',3,0);"
    "INSERT INTO build_properties VALUES(47,'got_revision','\"" SHA "\"','Git'),"
    "(41,'got_revision','{broken','Git');";

/* The path is `path`, which the caller unlinks. */
static void make_db(const char *path, const char *more)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, SCHEMA, NULL, NULL, &message);
    assert_null(message);
    sqlite3_exec(db, more, NULL, NULL, &message);
    assert_null(message);
    sqlite3_close(db);
}

static void database(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"/tmp/weir-buildbot-state.sqlite",
                                        FIXTURES "/hooks/buildbot.ndjson"};
    struct loaded l, posted, both;
    const struct source_format *format = NULL;
    struct error why = {0};
    struct buf sql = {0};
    buf_add(&sql, str_of(ROWS));
    for (int i = 0; i < 500; i++) { /* the list of tables does not fit into the first pages */
        buf_addf(&sql, "CREATE TABLE filler_%d(x%0*d INTEGER);", i, 200, 0);
    }
    make_db(PATHS[0], buf_cstr(&sql));
    buf_finish(&sql);
    assert_int_equal(source_detect(PATHS[0], &format, &why), OK);
    assert_string_equal(format->name, "buildbot");
    load_paths(&l, &SOURCE_BUILDBOT, PATHS, 1, HOOKING);
    expect_end(&l);
    assert_int_equal(l.notes.n, 0);
    /* build 1 and its steps, build 7; of build 8 the builder is not known */
    assert_int_equal(l.events, 3 + 6 + 2);
    assert_int_equal(l.rejects, 1);
    expect_part(buf_str(&l.text), "R 0 builder.name: there is no usable builder.name");
    load_paths(&posted, &SOURCE_BUILDBOT, PATHS + 1, 1, HOOKING);
    load_paths(&both, &SOURCE_BUILDBOT, PATHS, 2, HOOKING);
    assert_int_equal(both.distinct.n, posted.distinct.n);
    loaded_finish(&l);
    loaded_finish(&posted);
    loaded_finish(&both);
    unlink(PATHS[0]);
}

static void odd_databases(void **state)
{
    (void)state;
    static const char PATH[] = "/tmp/weir-buildbot-odd.sqlite";
    struct loaded l;
    make_db(PATH, "INSERT INTO alembic_version VALUES('999');");
    load_path(&l, &SOURCE_BUILDBOT, PATH, HOOKING);
    expect_end(&l);
    expect_part(buf_str(&l.notes), "the database has version \"999\", which was never seen");
    loaded_finish(&l);
    make_db(PATH, "DROP TABLE steps; CREATE VIEW steps AS SELECT * FROM builds;");
    load_path(&l, &SOURCE_BUILDBOT, PATH, HOOKING);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "none of buildbot 3");
    loaded_finish(&l);
    /* texts where numbers belong: rejects, not a failure */
    make_db(PATH, "INSERT INTO alembic_version VALUES('059'); INSERT INTO builders VALUES(1,x'ff');"
                  "INSERT INTO builds VALUES(1,'one',1,1,1,1,'now',NULL,'',NULL);");
    load_path(&l, &SOURCE_BUILDBOT, PATH, HOOKING);
    expect_end(&l);
    assert_int_equal(l.rejects, 1);
    assert_int_equal(l.events, 0);
    loaded_finish(&l);
    unlink(PATH);
}

/* Tables that lost their indexes and are large: it ends, with an answer. */
static void endless_databases(void **state)
{
    (void)state;
    static const char PATH[] = "/tmp/weir-buildbot-endless.sqlite";
    struct loaded l;
    make_db(PATH, "DROP TABLE builders; CREATE TABLE builders(id INTEGER, name TEXT);"
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
                  "INSERT INTO builders SELECT i, '' FROM n;"
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
                  "INSERT INTO builds SELECT i, i, 50000, 1, 1, 1, 1, 1, '', 0 FROM n;");
    load_path(&l, &SOURCE_BUILDBOT, PATH, HOOKING);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "does not come to an end");
    loaded_finish(&l);
    unlink(PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(database),
        cmocka_unit_test(odd_databases),
        cmocka_unit_test(endless_databases),
    };
    return cmocka_run_group_tests_name("buildbot", tests, NULL, NULL);
}
