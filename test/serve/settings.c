#include "serve/settings.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct sockaddr_storage peer(const char *text)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in *four = (void *)&at;
    struct sockaddr_in6 *six = (void *)&at;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        at.ss_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
        at.ss_family = AF_INET6;
    }
    return at;
}

static void test_cidr(void **state)
{
    (void)state;
    static const struct {
        const char *net, *in, *out;
    } CASES[] = {
        {"10.2.0.0/16", "10.2.255.1", "10.3.0.0"},
        {"10.2.0.0/16", "::ffff:10.2.1.1", "::1"},
        {"10.2.3.4", "10.2.3.4", "10.2.3.5"},
        {"0.0.0.0/0", "255.1.2.3", "2001:db8::1"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        {"::1", "::1", "::2"},
        {"192.168.1.128/25", "192.168.1.200", "192.168.1.127"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct cidr c;
        struct sockaddr_storage in = peer(CASES[i].in), out = peer(CASES[i].out);
        assert_true(cidr_read(str_of(CASES[i].net), &c));
        if (!cidr_holds(&c, &in) || cidr_holds(&c, &out)) {
            fail_msg("%s", CASES[i].net);
        }
    }
    static const char *const WRONG[] = {"",           "10.2",    "10.2.0.0/33", "10.2.0.0/-1",
                                        "10.2.0.0/x", "::1/129", "localhost",   "10.2.0.0/",
                                        "/8"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct cidr c;
        assert_false(cidr_read(str_of(WRONG[i]), &c));
    }
}

/* What refuses to start, and what it says. `sentence` NULL: it starts. */
static void test_refusals(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-settings-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char secret[64], variable[96];
    (void)snprintf(secret, sizeof secret, "%s/proxy", folder);
    int file = open(secret, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(file, "0123456789abcdef\n", 17), 17);
    close(file);
    (void)snprintf(variable, sizeof variable, "CREDENTIALS_DIRECTORY=%s", folder);
    const char *environment[] = {variable, "SHORT=abc", NULL};
    static const struct {
        const char *yaml, *listen;
        bool tokens;
        const char *sentence;
    } CASES[] = {
        {"", "", false, NULL},
        {"", "[::1]:0", false, NULL},
        {"", "localhost:0", false, NULL},
        {"serve: {listen: '127.0.0.1:70000'}", "", false, "is not an address"},
        {"", "example.org:80", false, "is not an address"},
        {"", "127.0.0.1", false, "is not an address"},
        {"", "127.0.0.1:", false, "is not an address"},
        {"", "0.0.0.0:8080", false, "there is no token"},
        {"", "0.0.0.0:8080", true, "plain HTTP"},
        {"serve: {insecure_http: true}", "0.0.0.0:8080", true, NULL},
        {"serve: {insecure_http: true}", "[::]:8080", false, "there is no token"},
        {"serve: {proxy: {user_header: X-User}}", "", false, "let everybody say"},
        {"serve: {proxy: {user_header: X-User, trusted: [10.0.0.0/8]}}", "", false, NULL},
        {"serve: {proxy: {user_header: X-User, trusted: [nowhere]}}", "", false,
         "is not an address"},
        {"serve: {proxy: {user_header: X-User, trusted: [127.0.0.1]}}", "", false, "this machine"},
        {"serve: {proxy: {user_header: X-User, trusted: ['0.0.0.0/0']}}", "", false,
         "this machine"},
        {"serve: {proxy: {user_header: X-User, trusted: ['::1']}}", "", false, "this machine"},
        {"serve: {proxy: {user_header: X-User, trusted: [127.0.0.1], secret_header: X-S, "
         "secret_credential: proxy}}",
         "", false, NULL},
        {"serve: {proxy: {user_header: X-User, trusted: [10.0.0.1], secret_header: X-S}}", "",
         false, "needs a secret"},
        {"serve: {proxy: {user_header: X-User, trusted: [10.0.0.1], secret_header: X-S, "
         "secret_env: "
         "SHORT}}",
         "", false, "needs a secret"},
        {"serve: {proxy: {user_header: X-User, trusted: [10.0.0.1], secret_header: X-S, "
         "secret_file: "
         "/nowhere/x}}",
         "", false, "cannot be read"},
        {"serve: {cors: ['*']}", "", false, "named in full"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct config *config = NULL;
        struct settings *s = NULL;
        struct error why = {0};
        assert_int_equal(config_parse(str_of(CASES[i].yaml), "weir.yaml", &config, &why), OK);
        status_code code = settings_read(config, str_of(CASES[i].listen), environment, &s, &why);
        if (code == OK) {
            code = settings_may_listen(s, CASES[i].tokens, &why);
        }
        bool right = CASES[i].sentence == NULL
                         ? code == OK
                         : code == FAIL && strstr(why.text, CASES[i].sentence) != NULL &&
                               why.id[0] == 'E' && why.hint[0] != 0;
        if (!right) {
            fail_msg("%s %s: %s", CASES[i].yaml, CASES[i].listen, why.text);
        }
        settings_drop(s);
        config_free(config);
    }
    assert_int_equal(chmod(secret, 0644), 0); /* everybody could read it */
    struct config *config = NULL;
    struct settings *s = NULL;
    struct error why = {0};
    assert_int_equal(config_parse(STR("serve: {proxy: {user_header: X-User, trusted: [10.0.0.1], "
                                      "secret_header: X-S, secret_credential: proxy}}"),
                                  "weir.yaml", &config, &why),
                     OK);
    assert_int_equal(settings_read(config, STR(""), environment, &s, &why), FAIL);
    assert_non_null(strstr(why.text, "everybody"));
    config_free(config);
    unlink(secret);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cidr),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
