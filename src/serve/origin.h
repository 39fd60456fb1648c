/* Which requests of browsers are believed (spec operations.md 1, decision 13). Any page in a local
 * browser can send requests to loopback, under a name of its own (DNS rebinding), or across sites;
 * the Host must be one of ours, and what changes something must come from our own pages. */
#pragma once

#include "base/str.h"

#include <stdbool.h>

/* Is this Host header for us? `names` are the configured ones, `loopback` that we listen there; an
 * address literal we listen on is given among the names. The port does not matter: a tunnel may
 * have another. */
bool origin_host(str host, const str *names, size_t n, bool loopback);
str origin_host_name(str host); /* without the port and the brackets; empty: malformed */

/* May a request that changes something be sent from there? `site` is Sec-Fetch-Site, `origin` is
 * Origin, both empty when absent; neither: no browser sent it. */
bool origin_same(str origin, str site, str host);
