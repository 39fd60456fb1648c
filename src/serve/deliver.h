/* What tools send: webhooks, lines of events, the news of a push. An answer waits for the disk, so
 * a few threads of their own do this; that several wait at once is what lets one write serve them
 * all. */
#pragma once

#include "serve/routes.h"

struct deliver;

struct deliver *deliver_start(void);
void deliver_stop(struct deliver *d); /* does what waits */

void deliver_hook(struct call *c);   /* POST /api/v1/hooks/{source} */
void deliver_push(struct call *c);   /* POST /api/v1/hooks/git?repository=NAME */
void deliver_events(struct call *c); /* POST /api/v1/events */
