#include "serve/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 4096, SECRET_MIN = 16 };

/* --- addresses --- */

bool cidr_read(str text, struct cidr *ret)
{
    char host[INET6_ADDRSTRLEN];
    size_t slash = str_find_char(text, '/');
    str name = str_first(text, slash);
    *ret = (struct cidr){0};
    if (name.n == 0 || name.n >= sizeof host) {
        return false;
    }
    (void)snprintf(host, sizeof host, STR_FMT, STR_ARG(name));
    ret->family = str_find_char(name, ':') < name.n ? AF_INET6 : AF_INET;
    unsigned most = ret->family == AF_INET6 ? 128 : 32;
    if (inet_pton(ret->family, host, ret->at) != 1) {
        return false;
    }
    int64_t bits = most;
    if (slash < text.n &&
        (!str_to_i64(str_from(text, slash + 1), &bits) || bits < 0 || bits > most)) {
        return false;
    }
    ret->bits = (unsigned)bits;
    return true;
}

bool cidr_holds(const struct cidr *c, const struct sockaddr_storage *peer)
{
    static const unsigned char MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    unsigned char at[16];
    int family = peer->ss_family;
    if (family == AF_INET) {
        memcpy(at, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    } else if (family == AF_INET6) {
        memcpy(at, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
        if (c->family == AF_INET && memcmp(at, MAPPED, sizeof MAPPED) == 0) {
            family = AF_INET;
            memmove(at, at + 12, 4);
        }
    }
    if (family != c->family) {
        return false;
    }
    for (unsigned i = 0; i < c->bits; i++) {
        if (((at[i / 8] ^ c->at[i / 8]) >> (7 - i % 8) & 1) != 0) {
            return false;
        }
    }
    return true;
}

static bool reaches_loopback(const struct cidr *c)
{
    struct sockaddr_storage four = {0}, six = {0};
    struct sockaddr_in *in = (void *)&four;
    struct sockaddr_in6 *in6 = (void *)&six;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_loopback;
    bool inside = c->family == AF_INET && c->bits > 8 && c->at[0] == 127; /* a part of 127/8 */
    return inside || cidr_holds(c, &four) || cidr_holds(c, &six);
}

/* --- the secret --- */

static status refuse(struct error *why, const char *hint)
{
    error_id(why, "E6002");
    error_hint(why, "%s", hint);
    return FAIL;
}

static const char *variable(const char *const *environment, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        if (strncmp(environment[i], name, n) == 0 && environment[i][n] == '=') {
            return environment[i] + n + 1;
        }
    }
    return NULL;
}

static status read_secret(struct settings *s, const char *path, struct error *why)
{
    char text[SECRET_MAX];
    struct stat at;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = file >= 0 ? read(file, text, sizeof text) : -1;
    if (n < 0) {
        error_set(why, "serve.proxy: the secret in %s cannot be read: %s", path, strerror(errno));
    } else if (fstat(file, &at) == 0 && (at.st_mode & 077) != 0 && S_ISREG(at.st_mode) &&
               (at.st_mode & 04) != 0) {
        error_set(why, "serve.proxy: everybody on this machine may read the secret in %s", path);
        n = -1;
    }
    if (file >= 0) {
        close(file);
    }
    if (n < 0) {
        return refuse(why, "The file must be readable for weir alone:  chmod 600 FILE");
    }
    s->secret = arena_str(&s->text, str_trim((str){text, (size_t)n}));
    return OK;
}

static const struct config_value *written(const struct config *c, const char *path)
{
    for (size_t i = 0; i < c->value_count; i++) {
        if (strcmp(c->values[i].path, path) == 0) {
            return &c->values[i];
        }
    }
    return NULL;
}

static status find_secret(struct settings *s, const struct config *c,
                          const char *const *environment, struct error *why)
{
    char path[PATH_MAX];
    if (c->proxy_secret_env.n > 0) {
        char name[256];
        (void)snprintf(name, sizeof name, STR_FMT, STR_ARG(c->proxy_secret_env));
        const char *value = variable(environment, name);
        s->secret = arena_str(&s->text, str_of(value));
        return OK;
    }
    if (c->proxy_secret_credential.n > 0) {
        const char *folder = variable(environment, "CREDENTIALS_DIRECTORY");
        (void)snprintf(path, sizeof path, "%s/" STR_FMT, folder != NULL ? folder : "",
                       STR_ARG(c->proxy_secret_credential));
        return read_secret(s, path, why);
    }
    if (c->proxy_secret_file.n > 0) {
        const struct config_value *v = written(c, "serve.proxy.secret_file");
        const char *file = v != NULL ? v->origin.file : NULL;
        const char *slash = file != NULL ? strrchr(file, '/') : NULL;
        bool absolute = c->proxy_secret_file.p[0] == '/' || slash == NULL;
        (void)snprintf(path, sizeof path, "%.*s" STR_FMT, absolute ? 0 : (int)(slash - file + 1),
                       absolute ? "" : file, STR_ARG(c->proxy_secret_file));
        return read_secret(s, path, why);
    }
    return OK;
}

/* --- the whole --- */

static status read_proxy(struct settings *s, const struct config *c, const char *const *environment,
                         struct error *why)
{
    bool loopback = false;
    s->user_header = arena_str(&s->text, c->proxy_user_header);
    s->secret_header = arena_str(&s->text, c->proxy_secret_header);
    for (size_t i = 0; i < c->proxy_trusted.n; i++) {
        struct cidr one;
        if (!cidr_read(c->proxy_trusted.v[i], &one)) {
            error_set(why, "serve.proxy.trusted: \"" STR_FMT "\" is not an address",
                      STR_ARG(c->proxy_trusted.v[i]));
            return refuse(why, "For example:  trusted: [10.2.0.0/16]");
        }
        loopback = loopback || reaches_loopback(&one);
        VEC_ADD(&s->trusted, one);
    }
    if (s->user_header.n > 0 && s->trusted.n == 0) {
        error_set(why,
                  "serve.proxy.user_header without serve.proxy.trusted would let everybody say "
                  "who they are");
        return refuse(why, "List the proxy's addresses:  serve: {proxy: {trusted: [10.2.0.0/16]}}");
    }
    TRY(find_secret(s, c, environment, why));
    if (s->user_header.n > 0 && loopback && (s->secret_header.n == 0 || s->secret.n < SECRET_MIN)) {
        error_set(why,
                  "serve.proxy.trusted holds this machine, where others can send the header too");
        return refuse(why, "Give the proxy a secret of 16 characters or more:  serve.proxy."
                           "secret_header and secret_file");
    }
    if (s->secret_header.n > 0 && s->secret.n < SECRET_MIN) {
        error_set(why, "serve.proxy.secret_header needs a secret of 16 characters or more");
        return refuse(why, "Put it into a file:  serve.proxy.secret_file");
    }
    return OK;
}

static void read_names(struct settings *s, const struct config *c)
{
    for (size_t i = 0; i < c->serve_hosts.n; i++) {
        VEC_ADD(&s->hosts, arena_str(&s->text, c->serve_hosts.v[i]));
    }
    if (str_find(str_of(s->listen.text), STR("0.0.0.0:")) != 0 &&
        !str_starts(str_of(s->listen.text), STR("[::]"))) {
        VEC_ADD(&s->hosts, arena_str(&s->text, str_of(s->listen.text)));
    }
    for (size_t i = 0; i < c->serve_cors.n; i++) {
        VEC_ADD(&s->cors, arena_str(&s->text, c->serve_cors.v[i]));
    }
}

status_code settings_read(const struct config *config, str listen, const char *const *environment,
                          struct settings **ret, struct error *why)
{
    struct settings *s = mem_get(sizeof *s);
    status_code code;
    atomic_init(&s->holders, 1);
    arena_init(&s->text, "settings of the server", 0);
    s->limits = HTTP_LIMITS;
    s->limits.head =
        config->serve_head_bytes > 0 ? (size_t)config->serve_head_bytes : s->limits.head;
    s->limits.body =
        config->serve_body_bytes > 0 ? (size_t)config->serve_body_bytes : s->limits.body;
    s->limits.connections = config->serve_connections > 0 && config->serve_connections < 1000000
                                ? (unsigned)config->serve_connections
                                : s->limits.connections;
    s->insecure_http = config->serve_insecure_http;
    str where = listen.n > 0                 ? listen
                : config->serve_listen.n > 0 ? config->serve_listen
                                             : STR("127.0.0.1:8080");
    TRY_GOTO(code, fail, http_address_read(where, &s->listen, why));
    read_names(s, config);
    for (size_t i = 0; i < s->cors.n; i++) {
        if (str_find_char(s->cors.v[i], '*') < s->cors.v[i].n) {
            error_set(why, "serve.cors: \"" STR_FMT "\": every origin is named in full",
                      STR_ARG(s->cors.v[i]));
            code = refuse(why, "For example:  cors: [\"https://wiki.example.org\"]");
            goto fail;
        }
    }
    TRY_GOTO(code, fail, read_proxy(s, config, environment, why));
    *ret = s;
    return OK;
fail:
    settings_drop(s);
    return code;
}

status_code settings_may_listen(const struct settings *s, bool tokens, struct error *why)
{
    if (s->listen.loopback) {
        return OK;
    }
    if (!tokens && s->user_header.n == 0) {
        error_set(why, "others can reach %s, and nothing says who may ask: there is no token",
                  s->listen.text);
        return refuse(why, "Make one first:  weir token create NAME --scope read");
    }
    if (!s->insecure_http) {
        error_set(why, "others can reach %s, and plain HTTP shows them every token",
                  s->listen.text);
        return refuse(why, "Behind a proxy that does TLS set  serve: {insecure_http: true}");
    }
    return OK;
}

struct settings *settings_hold(struct settings *s)
{
    atomic_fetch_add(&s->holders, 1);
    return s;
}

void settings_drop(struct settings *s)
{
    if (s != NULL && atomic_fetch_sub(&s->holders, 1) == 1) {
        VEC_FINISH(&s->hosts);
        VEC_FINISH(&s->cors);
        VEC_FINISH(&s->trusted);
        arena_finish(&s->text);
        mem_put(s);
    }
}
