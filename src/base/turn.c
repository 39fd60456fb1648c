#include "base/turn.h"

#include <assert.h>

void turn_init(struct turn *t)
{
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->next, NULL);
    t->asked = t->served = 0;
}

void turn_finish(struct turn *t)
{
    assert(t->asked == t->served);
    pthread_mutex_destroy(&t->mutex);
    pthread_cond_destroy(&t->next);
}

void turn_take(struct turn *t)
{
    pthread_mutex_lock(&t->mutex);
    uint64_t mine = t->asked++;
    while (t->served != mine) {
        pthread_cond_wait(&t->next, &t->mutex);
    }
    pthread_mutex_unlock(&t->mutex);
}

void turn_give(struct turn *t)
{
    pthread_mutex_lock(&t->mutex);
    assert(t->served < t->asked);
    t->served++;
    pthread_cond_broadcast(&t->next);
    pthread_mutex_unlock(&t->mutex);
}
