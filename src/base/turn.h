/* A lock that is given in order of asking, so that a thread that takes it again and again keeps
 * nobody out. */
#pragma once

#include <pthread.h>
#include <stdint.h>

struct turn {
    pthread_mutex_t mutex;
    pthread_cond_t next;
    uint64_t asked, served;
};

void turn_init(struct turn *t);
void turn_finish(struct turn *t); /* nobody holds it or waits */
void turn_take(struct turn *t);
void turn_give(struct turn *t);
