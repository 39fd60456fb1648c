/* The whole way from argv to the exit code, with commands of its own in place of weir's: this file
 * defines the table, so the linker takes no other. Every run is a process of its own. */
#include "cmd/frame.h"

#include <assert.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* --- commands --- */

static int run_answer(struct command_context *c)
{
    struct error why = {0};
    int64_t n;
    double x;
    lapse t;
    status_code s = OK;
    TRY_GOTO(s, fail, option_count(c, "count", 7, &n, &why));
    TRY_GOTO(s, fail, option_number(c, "number", 0.5, &x, &why));
    TRY_GOTO(s, fail, option_lapse(c, "lapse", DAY, &t, &why));
    command_note(c, "a note\nof two lines \x1b");
    command_say(c, "count %d, number %g, lapse %d s", (int)n, x, (int)(t / SECOND));
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.answer/1");
        doc_put(doc, "count", doc_count((uint64_t)n));
        command_document(c, doc);
    }
    return EXIT_YES;
fail:
    return command_fail(c, s, &why);
}

static int run_end(struct command_context *c)
{
    struct error why = {0};
    error_set(&why, "went wrong");
    error_hint(&why, "mend it");
    str how = argument_at(c, 0);
    command_say(c, "said before");
    if (str_eq(how, STR("no"))) {
        return EXIT_NO;
    }
    if (str_eq(how, STR("rejected"))) {
        return EXIT_REJECTED;
    }
    if (str_eq(how, STR("usage"))) {
        return command_usage(c, "not like this");
    }
    if (str_eq(how, STR("assert"))) {
        assert(how.n == 0);
    }
    if (command_wants_json(c)) {
        command_document(c, doc_new("weir.end/1"));
    }
    return command_fail(c, str_eq(how, STR("busy")) ? BUSY : FAIL, &why);
}

/* Works until it is stopped; "deaf": does not listen. Tells when it has begun. */
static int run_spin(struct command_context *c)
{
    struct error why = {0};
    bool deaf = str_eq(argument_at(c, 0), STR("deaf"));
    command_say(c, "begun");
    status_code s = command_flush(c, &why);
    progress_begin(&c->progress, "spin", "turns", 1000);
    for (uint64_t i = 0; s == OK && (deaf || interrupt_signal() == 0); i++) {
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
        progress_step(&c->progress, i);
    }
    progress_end(&c->progress);
    return command_fail(c, s == OK ? INTERRUPTED : s, &why);
}

static int run_lines(struct command_context *c)
{
    struct error why = {0};
    for (int i = 0; i < 100000; i++) {
        command_say(c, "line %d", i);
        if (i % 1000 == 0) {
            status_code s = command_flush(c, &why);
            if (s != OK) {
                command_fail(c, s, &why);
                return s == END ? EXIT_NO : EXIT_ERROR;
            }
        }
    }
    return EXIT_NO;
}

static int run_store(struct command_context *c)
{
    struct error why = {0};
    const char *path;
    struct range range;
    const struct where *where;
    size_t n;
    status_code s = OK;
    TRY_GOTO(s, fail, command_store_path(c, &path, &why));
    TRY_GOTO(s, fail, command_range(c, &range, &why));
    TRY_GOTO(s, fail, command_where(c, &where, &n, &why));
    command_say(c, "%s", path);
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    if (range.from != WHEN_NONE) {
        command_say(c, "%s..%s", clock_text(range.from, from),
                    range.to == WHEN_NONE ? "" : clock_text(range.to, to));
    }
    for (size_t i = 0; i < n; i++) {
        command_say(c, STR_FMT "=" STR_FMT, STR_ARG(where[i].key), STR_ARG(where[i].value));
    }
    return EXIT_YES;
fail:
    return command_fail(c, s, &why);
}

static const struct option answer_options[] = {
    {OPTION_VALUE, "count", 0, "N", "x", NULL, 0},
    {OPTION_VALUE, "number", 0, "X", "x", NULL, 0},
    {OPTION_VALUE, "lapse", 0, "DURATION", "x", NULL, 0},
    {.kind = OPTION_END},
};
static const struct argument end_arguments[] = {
    {.name = "HOW", .purpose = "x", .optional = true},
    {.name = NULL},
};
static const struct example examples[] = {{"weir x", NULL}, {.line = NULL}};
#define PLAIN (COMMAND_NO_CONFIG | COMMAND_ANSWERS)
static const struct command answer = {.name = "answer",
                                      .purpose = "x",
                                      .options = answer_options,
                                      .examples = examples,
                                      .flags = PLAIN,
                                      .run = run_answer};
static const struct command end = {.name = "end",
                                   .purpose = "x",
                                   .arguments = end_arguments,
                                   .examples = examples,
                                   .flags = PLAIN,
                                   .run = run_end};
static const struct command spin = {.name = "spin",
                                    .purpose = "x",
                                    .arguments = end_arguments,
                                    .examples = examples,
                                    .flags = PLAIN,
                                    .run = run_spin};
static const struct command lines = {
    .name = "lines", .purpose = "x", .examples = examples, .flags = PLAIN, .run = run_lines};
static const struct command store = {.name = "store",
                                     .purpose = "x",
                                     .examples = examples,
                                     .flags = COMMAND_READS,
                                     .run = run_store};
static const struct command alone = {.name = "report",
                                     .purpose = "x",
                                     .options = answer_options,
                                     .examples = examples,
                                     .flags = PLAIN | COMMAND_ALONE | COMMAND_HIDDEN,
                                     .run = run_answer};
extern const struct command COMMAND_VERSION;
const struct command *const command_table_all[] = {
    &answer, &end, &spin, &lines, &store, &alone, &COMMAND_VERSION, NULL};

/* --- running --- */

struct ran {
    pid_t child;
    FILE *out, *err;
    int code;        /* or minus the signal */
    char text[4096]; /* what was answered */
    char said[4096]; /* on stderr */
};

static char home[] = "/tmp/weir-frame-XXXXXX";

/* Starts `weir LINE`; `out` is its stdout, -1 a file that finish() reads. */
static struct ran start(const char *line, int out, const char *variable)
{
    struct ran r = {.out = tmpfile(), .err = tmpfile()};
    assert_non_null(r.out);
    assert_non_null(r.err);
    r.child = fork();
    assert_true(r.child >= 0);
    if (r.child == 0) {
        char text[256], variables[128];
        const char *argv[16];
        size_t n = 0;
        char *rest = NULL;
        snprintf(text, sizeof text, "%s", line);
        for (char *word = strtok_r(text, " ", &rest); word != NULL && n < 16;
             word = strtok_r(NULL, " ", &rest)) {
            argv[n++] = word;
        }
        snprintf(variables, sizeof variables, "HOME=%s", home);
        const char *environment[] = {
            variables, "LC_ALL=C.UTF-8", "TZ=UTC", "WEIR_NOW=2026-03-01T00:00:00Z", variable, NULL};
        dup2(fileno(r.err), STDERR_FILENO);
        if (out == -2) {
            close(STDOUT_FILENO);
        } else {
            dup2(out == -1 ? fileno(r.out) : out, STDOUT_FILENO);
        }
        if (chdir(home) != 0) {
            _exit(99);
        }
        _exit(frame_run(argv, n, environment));
    }
    return r;
}

static void finish(struct ran *r)
{
    int ended;
    assert_int_equal(waitpid(r->child, &ended, 0), r->child);
    r->code = WIFEXITED(ended) ? WEXITSTATUS(ended) : -WTERMSIG(ended);
    rewind(r->out);
    rewind(r->err);
    r->text[fread(r->text, 1, sizeof r->text - 1, r->out)] = 0;
    r->said[fread(r->said, 1, sizeof r->said - 1, r->err)] = 0;
    fclose(r->out);
    fclose(r->err);
}

static void check(const char *line, const char *variable, int code, const char *text,
                  const char *said)
{
    struct ran r = start(line, -1, variable);
    finish(&r);
    if (r.code != code || strcmp(r.text, text) != 0 || strcmp(r.said, said) != 0) {
        fail_msg("weir %s: %d\n%s---\n%s", line, r.code, r.text, r.said);
    }
}

static void test_answers(void **unused)
{
    (void)unused;
    const char *note = "weir: note: a note\n  of two lines \\u001b\n";
    check("answer", NULL, 0, "count 7, number 0.5, lapse 86400 s\n", note);
    check("answer --count 3 --number=2e3 --lapse 1.5h -q", NULL, 0,
          "count 3, number 2000, lapse 5400 s\n", "");
    check("answer --json -q", NULL, 0, "{\"schema\":\"weir.answer/1\",\"count\":7}\n", "");
    check("answer -q", "WEIR_JSON=1", 0, "{\"schema\":\"weir.answer/1\",\"count\":7}\n", "");
    check("answer -q", "WEIR_OUTPUT=plain", 0, "", "");
    check("answer --count -1", NULL, 2, "",
          "weir: answer: --count: \"-1\" is not a whole number, 0 or more\n");
    check("answer --number nan", NULL, 2, "", "weir: answer: --number: \"nan\" is not a number\n");
    check("answer -q -C /dev/null", NULL, 2, "", "weir: answer: -C /dev/null: Not a directory\n");
}

static void test_failures(void **unused)
{
    (void)unused;
    check("end no", NULL, 1, "said before\n", "");
    check("end rejected", NULL, 3, "said before\n", "");
    check("end", NULL, 2, "said before\n", "weir: end: went wrong\n  mend it\n");
    check("end busy", NULL, 75, "said before\n", "weir: end: went wrong\n  mend it\n");
    check("end usage", NULL, 2, "said before\n",
          "weir: end: not like this\n  Read:  weir help end\n");
    /* one document alone: the error takes the place of the answer */
    check("end --json", NULL, 2,
          "{\"schema\":\"weir.error/1\",\"id\":\"\",\"message\":\"went wrong\",\"hint\":\"mend "
          "it\"}\n",
          "weir: end: went wrong\n  mend it\n");
    check("edn --json", NULL, 2,
          "{\"schema\":\"weir.error/1\",\"id\":\"E1001\",\"message\":\"unknown command "
          "\\\"edn\\\". Did "
          "you mean \\\"end\\\"?\",\"hint\":\"\"}\n",
          "weir: unknown command \"edn\". Did you mean \"end\"?\n");
    check("answer --wrong --output jsonl", NULL, 2,
          "{\"schema\":\"weir.error/1\",\"id\":\"E1002\",\"message\":\"unknown option "
          "\\\"--wrong\\\"\",\"hint\":\"Read:  weir help answer\"}\n",
          "weir: answer: unknown option \"--wrong\"\n  Read:  weir help answer\n");
}

static void test_fault_of_weir(void **unused)
{
    (void)unused;
    struct ran r = start("end assert", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 2);
    assert_non_null(strstr(r.said, "how.n == 0"));
    assert_non_null(strstr(r.said, "[E9001]"));
}

/* Waits until spin has begun. */
static void wait_for(struct ran *r)
{
    struct stat st;
    for (int i = 0; i < 5000 && fstat(fileno(r->out), &st) == 0 && st.st_size == 0; i++) {
        usleep(1000);
    }
}

static int stopped(const char *line, int first, int second, char said[4096])
{
    struct ran r = start(line, -1, NULL);
    wait_for(&r);
    kill(r.child, first);
    if (second != 0) {
        usleep(50000);
        kill(r.child, second);
    }
    finish(&r);
    memcpy(said, r.said, sizeof r.said);
    return r.code;
}

static void test_signals(void **unused)
{
    (void)unused;
    char said[4096];
    assert_int_equal(stopped("spin", SIGINT, 0, said), 130);
    assert_string_equal(said, "");
    assert_int_equal(stopped("spin", SIGTERM, 0, said), 143);
    assert_string_equal(said, "");
    assert_int_equal(stopped("spin deaf", SIGINT, SIGINT, said), -SIGINT);
    assert_int_equal(stopped("spin deaf", SIGINT, SIGTERM, said), -SIGTERM);
}

static void test_timeout(void **unused)
{
    (void)unused;
    const char *sentence = "weir: spin: gave up: the time of --timeout is over\n"
                           "  Give it longer, or look at less:  --timeout, --last\n";
    check("spin --timeout 0.05s", NULL, 75, "begun\n", sentence);
    check("spin", "WEIR_TIMEOUT=0.05s", 75, "begun\n", sentence);
    struct ran r = start("answer --timeout never", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 2);
    assert_non_null(strstr(r.said, "--timeout: "));
}

static void test_output_that_fails(void **unused)
{
    (void)unused;
    int full = open("/dev/full", O_WRONLY);
    static const char *const commands[] = {"answer -q", "answer -q --json", "lines", "answer -h"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        for (int closed = 0; closed < 2; closed++) {
            struct ran r = start(commands[i], closed ? -2 : full, NULL);
            finish(&r);
            assert_int_equal(r.code, 2);
            assert_non_null(strstr(r.said, "could not be written to standard output: "));
            assert_non_null(strstr(r.said, closed ? "Bad file" : "No space"));
            char *first = strstr(r.said, "could not");
            assert_null(strstr(first + 1, "could not")); /* said once */
        }
    }
    close(full);
}

/* A reader who has seen enough: silence, and the exit code of the command. */
static void test_reader_that_leaves(void **unused)
{
    (void)unused;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    close(ends[0]);
    struct ran r = start("lines", ends[1], NULL);
    finish(&r);
    assert_int_equal(r.code, 1);
    assert_string_equal(r.said, "");
    r = start("answer -q", ends[1], NULL);
    finish(&r);
    assert_int_equal(r.code, 0);
    assert_string_equal(r.said, "");
    close(ends[1]);
}

static void test_selectors(void **unused)
{
    (void)unused;
    check("store --store x.duckdb", NULL, 0, "x.duckdb\n", "");
    check("store", "WEIR_STORE=y.duckdb", 0, "y.duckdb\n", "");
    check("store --store x --last 1d", NULL, 0,
          "x\n2026-02-28T00:00:00.000000Z..2026-03-01T00:00:00.000000Z\n", "");
    check("store --store x --from 2026-01-01 --to -7d", NULL, 0,
          "x\n2026-01-01T00:00:00.000000Z..2026-02-22T00:00:00.000000Z\n", "");
    check("store --store x --where a=b=c --where d=", NULL, 0, "x\na=b=c\nd=\n", "");
    check("store --store x --where nothing", NULL, 2, "",
          "weir: store: --where: \"nothing\" is not of the form KEY=VALUE\n  For example:  --where "
          "'team=pay'\n");
    struct ran r = start("store --from yesterdy", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 2);
    assert_non_null(strstr(r.said, "weir: store: --from: "));
    r = start("store --tz Middle/Earth", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 2);
    r = start("store --tz Europe/Berlin --store x --from 2026-03-29T02:30", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 0);
    assert_non_null(strstr(r.said, "weir: note: 2026-03-29T02:30 does not exist in Europe/Berlin"));
}

/* The default store: one a repository, its folder made for this user alone. */
static void test_default_store(void **unused)
{
    (void)unused;
    struct ran r = start("store", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 0);
    char folder[256];
    struct stat st;
    snprintf(folder, sizeof folder, "%s/.local/share/weir", home);
    assert_memory_equal(r.text, folder, strlen(folder));
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_alone(void **unused)
{
    (void)unused;
    struct ran r = start("", -1, NULL);
    finish(&r);
    assert_int_equal(r.code, 2); /* in no repository: short help on stderr */
    assert_string_equal(r.text, "");
    assert_non_null(strstr(r.said, "weir help COMMAND"));
    char folder[256], command[600];
    snprintf(folder, sizeof folder, "%s/repo/.git", home);
    snprintf(command, sizeof command, "mkdir -p %s && git init -q %s/repo", folder, home);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "-C %s/repo -q", home);
    check(command, NULL, 0, "count 7, number 0.5, lapse 86400 s\n", "");
    check("--count 3 edn", NULL, 2, "", "weir: unknown command \"edn\". Did you mean \"end\"?\n");
    check("--count 3 end", NULL, 2, "",
          "weir: end: --count is not an option of this command\n  Read:  weir help end\n");
    check("--version", NULL, 0, "weir " WEIR_VERSION "\n", "");
}

static int make_home(void **unused)
{
    (void)unused;
    return mkdtemp(home) != NULL ? 0 : -1;
}

static int remove_home(void **unused)
{
    (void)unused;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", home);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_fault_of_weir),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_output_that_fails),
        cmocka_unit_test(test_reader_that_leaves),
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_default_store),
        cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
