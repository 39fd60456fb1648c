/* `serve:` of weir.yaml, understood and checked: what is dangerous refuses to start, with the name
 * of the setting and the remedy. Shared between threads, never changed: a reload makes new ones. */
#pragma once

#include "base/vec.h"
#include "engine/config.h"
#include "serve/http.h"

#include <stdatomic.h>

struct cidr {
    int family;
    unsigned char at[16];
    unsigned bits;
};

struct settings {
    atomic_size_t holders;
    struct arena text;
    struct http_address listen;
    struct http_limits limits;
    VEC(str) hosts;
    VEC(str) cors;
    bool insecure_http;
    str user_header, secret_header, secret;
    VEC(struct cidr) trusted;
};

/* `listen`: of the option, empty: as weir.yaml says, else 127.0.0.1:8080. `environment`: for
 * secrets; `folder`: relative files of secrets are found from there when the file of weir.yaml is
 * not known. */
status settings_read(const struct config *config, str listen, const char *const *environment,
                     struct settings **ret, struct error *why);
/* May we listen there? Not where others reach us unless we know who asks (`tokens`: there are
 * some), and not in plain HTTP unless told so. */
status settings_may_listen(const struct settings *s, bool tokens, struct error *why);
struct settings *settings_hold(struct settings *s);
void settings_drop(struct settings *s);

bool cidr_read(str text, struct cidr *ret); /* "10.2.0.0/16", "::1" */
bool cidr_holds(const struct cidr *c, const struct sockaddr_storage *peer);
