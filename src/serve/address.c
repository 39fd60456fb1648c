/* Where to listen: the words that people write, and the socket. */
#include "serve/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void describe(struct http_address *a)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (a->at.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)&a->at;
        inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
        snprintf(a->text, sizeof a->text, "[%s]:%d", host, ntohs(in->sin6_port));
        a->loopback = IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
    } else if (a->at.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&a->at;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(a->text, sizeof a->text, "%s:%d", host, ntohs(in->sin_port));
        a->loopback = (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    } else { /* a Unix socket that was inherited: who may enter its folder may connect */
        snprintf(a->text, sizeof a->text, "a Unix socket");
        a->loopback = true;
    }
}

status_code http_address_read(str text, struct http_address *ret, struct error *why)
{
    char host[INET6_ADDRSTRLEN + 2], port[8];
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':') {
        colon--;
    }
    str name = str_first(text, colon > 0 ? colon - 1 : 0), number = str_from(text, colon);
    if (name.n > 1 && name.p[0] == '[' && name.p[name.n - 1] == ']') {
        name = str_first(str_from(name, 1), name.n - 2);
    } else if (str_eq(name, STR("localhost"))) {
        name = STR("127.0.0.1");
    }
    int64_t n;
    struct addrinfo wanted = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                              .ai_socktype = SOCK_STREAM},
                    *found = NULL;
    bool right = colon > 0 && name.n > 0 && name.n < sizeof host && str_to_i64(number, &n) &&
                 n >= 0 && n <= 65535;
    if (right) {
        snprintf(host, sizeof host, STR_FMT, STR_ARG(name));
        snprintf(port, sizeof port, "%d", (int)n);
        right =
            getaddrinfo(host, port, &wanted, &found) == 0 && found->ai_addrlen <= sizeof ret->at;
    }
    if (!right) {
        if (found != NULL) {
            freeaddrinfo(found);
        }
        error_set(why, "\"" STR_FMT "\" is not an address to listen on",
                  STR_ARG(str_first(text, 100)));
        error_id(why, "E6001");
        error_hint(why, "Address and port:  127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080");
        return FAIL;
    }
    *ret = (struct http_address){.n = found->ai_addrlen};
    memcpy(&ret->at, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    describe(ret);
    return OK;
}

status_code http_listen(const struct http_address *where, int *ret_socket, struct error *why)
{
    int s = socket(where->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
    if (s >= 0) {
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    }
    if (s < 0 || bind(s, (const void *)&where->at, where->n) != 0 || listen(s, SOMAXCONN) != 0) {
        error_set(why, "cannot listen on %s: %s", where->text, strerror(errno));
        error_id(why, "E6001");
        error_hint(why,
                   errno == EADDRINUSE
                       ? "Another program is there. Take another port:  --listen 127.0.0.1:8081"
                       : "Choose an address of this machine:  --listen 127.0.0.1:8080");
        if (s >= 0) {
            close(s);
        }
        return FAIL;
    }
    *ret_socket = s;
    return OK;
}

status_code http_address_of(int socket, struct http_address *ret, struct error *why)
{
    *ret = (struct http_address){.n = sizeof ret->at};
    if (getsockname(socket, (void *)&ret->at, &ret->n) != 0) {
        return error_set(why, "descriptor %d is no socket: %s", socket, strerror(errno));
    }
    describe(ret);
    return OK;
}
