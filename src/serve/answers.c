#include "serve/answers.h"

#include "base/mem.h"
#include "base/vec.h"

#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { ENTRIES = 512 };
#define LIFE_MIN ((int64_t)1000000000)
#define LIFE_MAX ((int64_t)60 * 1000000000)
#define LIFE_TIMES 20 /* kept for so many times what it took */

struct entry {
    char *words;
    size_t words_n;
    uint64_t version;
    int64_t ends_ns, used_ns;
    struct answer answer;
};

struct asked {
    char *words;
    size_t words_n;
    void *asker;
};

struct answers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    size_t memory, bytes;
    uint64_t forgotten; /* how often all were; an answer begun before does not stay */
    answers_run *run;
    answers_done *done;
    uint64_t (*version)(void *cookie);
    void *cookie;
    VEC(struct entry) entries;
    struct asked waiting[ANSWERS_WAITING]; /* a ring */
    size_t first, n;
    bool stop;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static size_t size_of(const struct answer *a, size_t words_n)
{
    return words_n + a->out->n + (a->gz != NULL ? a->gz->n : 0);
}

static struct answer share(struct answer a)
{
    blob_hold(a.out);
    if (a.gz != NULL) {
        blob_hold(a.gz);
    }
    return a;
}

static void drop(struct answers *a, size_t i)
{
    struct entry *e = &a->entries.v[i];
    a->bytes -= size_of(&e->answer, e->words_n);
    blob_drop(e->answer.out);
    blob_drop(e->answer.gz);
    mem_put(e->words);
    *e = a->entries.v[--a->entries.n];
}

static bool find(struct answers *a, str words, struct answer *ret)
{
    int64_t now = now_ns();
    uint64_t version = a->version(a->cookie);
    for (size_t i = 0; i < a->entries.n; i++) {
        struct entry *e = &a->entries.v[i];
        if (!str_eq(words, (str){e->words, e->words_n})) {
            continue;
        }
        if (e->version != version || now >= e->ends_ns) {
            drop(a, i);
            return false;
        }
        e->used_ns = now;
        *ret = share(e->answer);
        return true;
    }
    return false;
}

static char *copy(str text)
{
    char *p = mem_get(text.n + 1);
    memcpy(p, text.p, text.n);
    return p;
}

static void keep(struct answers *a, str words, uint64_t version, int64_t took,
                 const struct answer *answer)
{
    size_t size = size_of(answer, words.n);
    if (size > a->memory / 4) {
        return;
    }
    while (a->entries.n > 0 && (a->bytes + size > a->memory || a->entries.n >= ENTRIES)) {
        size_t oldest = 0;
        for (size_t i = 1; i < a->entries.n; i++) {
            oldest = a->entries.v[i].used_ns < a->entries.v[oldest].used_ns ? i : oldest;
        }
        drop(a, oldest);
    }
    int64_t life = took * LIFE_TIMES, now = now_ns();
    life = life < LIFE_MIN ? LIFE_MIN : life > LIFE_MAX ? LIFE_MAX : life;
    struct entry e = {copy(words), words.n, version, now + life, now, share(*answer)};
    VEC_ADD(&a->entries, e);
    a->bytes += size;
}

static void name(struct answer *answer)
{
    unsigned char digest[32];
    unsigned n = 0;
    int done = EVP_Digest(answer->out->p, answer->out->n, digest, &n, EVP_sha256(), NULL);
    assert(done == 1 && n == sizeof digest);
    answer->etag[0] = '"';
    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(answer->etag + 1 + 2 * i, 3, "%02x", digest[i]);
    }
    memcpy(answer->etag + 33, "\"", 2);
}

/* gzip, quickly; NULL where it does not save a tenth. */
static struct blob *compress_blob(const struct blob *out)
{
    enum { SMALL = 1400, LARGE = 1 << 30, QUICK = 5 };
    z_stream z = {0};
    struct buf packed = {0};
    if (out->n < SMALL || out->n > LARGE ||
        deflateInit2(&z, QUICK, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return NULL;
    }
    size_t room = deflateBound(&z, out->n);
    z.next_in = (unsigned char *)(uintptr_t)out->p; /* only read */
    z.avail_in = (unsigned)out->n;
    z.next_out = (unsigned char *)buf_room(&packed, room);
    z.avail_out = (unsigned)room;
    int done = deflate(&z, Z_FINISH);
    packed.n = room - z.avail_out;
    deflateEnd(&z);
    if (done != Z_STREAM_END || packed.n > out->n / 10 * 9) {
        buf_finish(&packed);
        return NULL;
    }
    return blob_take(&packed);
}

static void compute(struct answers *a, const struct asked *q)
{
    struct answer answer = {0};
    struct buf out = {0};
    str words = {q->words, q->words_n};
    bool found = find(a, words, &answer);
    uint64_t version = a->version(a->cookie), forgotten = a->forgotten;
    if (!found) {
        pthread_mutex_unlock(&a->lock);
        int64_t begun = now_ns();
        answer.code = a->run(words, &out, a->cookie);
        int64_t took = now_ns() - begun;
        answer.out = blob_take(&out);
        name(&answer);
        answer.gz = compress_blob(answer.out);
        pthread_mutex_lock(&a->lock);
        bool lasts = answer.code == 0 || answer.code == 1 || answer.code == 3;
        if (lasts && version == a->version(a->cookie) && forgotten == a->forgotten) {
            keep(a, words, version, took, &answer);
        }
    }
    pthread_mutex_unlock(&a->lock);
    a->done(q->asker, &answer);
    blob_drop(answer.out);
    blob_drop(answer.gz);
    mem_put(q->words);
    pthread_mutex_lock(&a->lock);
}

static void *work(void *cookie)
{
    struct answers *a = cookie;
    pthread_mutex_lock(&a->lock);
    for (;;) {
        while (a->n == 0 && !a->stop) {
            pthread_cond_wait(&a->wake, &a->lock);
        }
        if (a->n == 0) {
            break;
        }
        struct asked q = a->waiting[a->first];
        a->first = (a->first + 1) % ANSWERS_WAITING;
        a->n--;
        compute(a, &q);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

struct answers *answers_start(size_t memory, answers_run *run, answers_done *done,
                              uint64_t (*version)(void *cookie), void *cookie)
{
    struct answers *a = mem_get(sizeof *a);
    *a = (struct answers){
        .memory = memory, .run = run, .done = done, .version = version, .cookie = cookie};
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->wake, NULL);
    int failed = pthread_create(&a->thread, NULL, work, a);
    assert(failed == 0);
    return a;
}

void answers_stop(struct answers *a)
{
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->wake);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    answers_forget(a);
    VEC_FINISH(&a->entries);
    pthread_cond_destroy(&a->wake);
    pthread_mutex_destroy(&a->lock);
    mem_put(a);
}

bool answers_find(struct answers *a, str words, struct answer *ret)
{
    pthread_mutex_lock(&a->lock);
    bool found = find(a, words, ret);
    pthread_mutex_unlock(&a->lock);
    return found;
}

bool answers_ask(struct answers *a, str words, void *asker)
{
    pthread_mutex_lock(&a->lock);
    bool taken = a->n < ANSWERS_WAITING && !a->stop;
    if (taken) {
        a->waiting[(a->first + a->n) % ANSWERS_WAITING] =
            (struct asked){copy(words), words.n, asker};
        a->n++;
        pthread_cond_signal(&a->wake);
    }
    pthread_mutex_unlock(&a->lock);
    return taken;
}

void answers_forget(struct answers *a)
{
    pthread_mutex_lock(&a->lock);
    a->forgotten++;
    while (a->entries.n > 0) {
        drop(a, 0);
    }
    pthread_mutex_unlock(&a->lock);
}

size_t answers_waiting(struct answers *a)
{
    pthread_mutex_lock(&a->lock);
    size_t n = a->n;
    pthread_mutex_unlock(&a->lock);
    return n;
}
