/* Jenkins: our own answers of its REST API; then the published builds where they are at hand. */
#include "hooking.h"

#define BUILDS SHARED "/data/delivery/14-connector-raw-to-normalised/jenkins/raw.json"

static void answers(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_JENKINS, "jenkins");
}

#define BUILD(remote, sha)                                                                         \
    "{\"lastBuiltRevision\":{\"SHA1\":\"" sha "\",\"branch\":[{\"name\":\"origin/main\"}]},"       \
    "\"remoteUrls\":[\"" remote "\"]}"
#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* A library beside the repository: without configuration it is not known which one was built. */
static void repositories(void **state)
{
    (void)state;
    static const struct {
        const char *repository, *commit;
    } CASES[] = {
        {"", NULL},
        {"acme/shop", SHA_A},
        {"https://git.example/acme/shop", SHA_A},
        {"acme/library.git", SHA_B},
        {"me/shop", NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct hooking h;
        hooking_begin(&h);
        h.options.repository = str_of(CASES[i].repository);
        hooking_send(
            &h, &HOOK_JENKINS, NULL,
            STR("{\"number\":1,\"timestamp\":1772352000250,\"fullDisplayName\":\"a #1\","
                "\"actions\":[" BUILD("https://git.example/acme/shop.git", SHA_A) "," BUILD(
                    "git@git.example:acme/library.git", SHA_B) ",{}]}"));
        hooking_end(&h);
        assert_int_equal(h.l.links, CASES[i].commit != NULL);
        if (CASES[i].commit != NULL) {
            expect_part(buf_str(&h.l.text), CASES[i].commit);
        }
        hooking_finish(&h);
    }
}

/* 14 builds. Three say that they are still running, though they carry a result. */
static void published(void **state)
{
    (void)state;
    struct loaded l;
    if (!shared_is_here(BUILDS)) {
        skip();
    }
    load_path(&l, &SOURCE_JENKINS, BUILDS, HOOKING);
    expect_end(&l);
    assert_int_equal(l.rejects, 0);
    assert_int_equal(l.items.n, 14);
    assert_int_equal(l.lives[LIFE_START], 14);
    assert_int_equal(l.lives[LIFE_COMPLETE] + l.lives[LIFE_CANCEL], 11);
    expect_part(buf_str(&l.text),
                "E run:cdevents:v0:jenkins::::execution:Test-jenkins-dir%2Ftest-jenkins-sub-dir%"
                "2Ftest-sub-sub-dir%2Fdevlake%2F31 run/run 2022-04-15T12:00:49.161000Z");
    expect_part(buf_str(&l.text), "2022-04-15T12:00:50.748000Z"); /* 1,587 ms later */
    loaded_finish(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(repositories),
        cmocka_unit_test(published),
    };
    return cmocka_run_group_tests_name("jenkins", tests, NULL, NULL);
}
