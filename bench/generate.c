#include "generate.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/vec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct activity {
    const char *name;
    double hours; /* mean, until the next */
    struct {
        uint8_t to;
        double chance;
    } back[2];
} ACTIVITIES[GENERATE_ACTIVITIES] = {
    {"idea", 72, {{0, 0}}},
    {"triage", 24, {{0, 0}}},
    {"ready", 60, {{0, 0}}},
    {"develop", 30, {{0, 0}}},
    {"review", 12, {{3, 0.16}}},
    {"merge", 1, {{0, 0}}},
    {"build", 0.5, {{3, 0.05}}},
    {"test", 4, {{0, 0}}},
    {"QA", 90, {{3, 0.06}, {8, 0.07}}},
    {"acceptance", 20, {{7, 0.03}}},
    {"release", 100, {{0, 0}}},
    {"in use", 0, {{0, 0}}},
};

static const lapse ARRIVAL = 3 * MINUTE;

struct generate {
    uint64_t left, dice;
    uint32_t items;
    when arrival; /* of the next item */
    VEC(struct generated) heap;
};

struct generate *generate_open(uint64_t events)
{
    struct generate *g = mem_get(sizeof *g);
    g->left = events;
    g->dice = rng_mix(0, 0x77656972);
    g->arrival = clock_from_civil((struct civil){2024, 1, 1, 8, 0, 0, 0});
    return g;
}

void generate_close(struct generate *g)
{
    if (g != NULL) {
        VEC_FINISH(&g->heap);
        mem_put(g);
    }
}

const char *generate_activity(uint8_t activity)
{
    return ACTIVITIES[activity].name;
}

static double draw(struct generate *g)
{
    g->dice++;
    return rng_unit(rng_mix(0, g->dice));
}

static bool before(const struct generated *a, const struct generated *b)
{
    return a->time != b->time ? a->time < b->time : a->item < b->item;
}

static void sink(struct generate *g, struct generated e) /* from the top, where a gap is */
{
    size_t at = 0, child = 1;
    while (child < g->heap.n) {
        child += child + 1 < g->heap.n && before(&g->heap.v[child + 1], &g->heap.v[child]);
        if (!before(&g->heap.v[child], &e)) {
            break;
        }
        g->heap.v[at] = g->heap.v[child];
        at = child;
        child = 2 * at + 1;
    }
    g->heap.v[at] = e;
}

static void push(struct generate *g, struct generated e)
{
    VEC_ADD(&g->heap, e);
    size_t at = g->heap.n - 1;
    while (at > 0 && before(&e, &g->heap.v[(at - 1) / 2])) {
        g->heap.v[at] = g->heap.v[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    g->heap.v[at] = e;
}

static uint8_t follower(struct generate *g, uint8_t activity)
{
    const struct activity *a = &ACTIVITIES[activity];
    double chance = draw(g);
    for (size_t i = 0; i < 2; i++) {
        if (chance < a->back[i].chance) {
            return a->back[i].to;
        }
        chance -= a->back[i].chance;
    }
    return (uint8_t)(activity + 1);
}

bool generate_next(struct generate *g, struct generated *ret)
{
    if (g->left == 0) {
        return false;
    }
    g->left--;
    while (g->heap.n == 0 || g->arrival <= g->heap.v[0].time) {
        push(g, (struct generated){.item = g->items++, .time = g->arrival});
        g->arrival += ARRIVAL;
    }
    struct generated e = g->heap.v[0];
    e.actor = (uint8_t)(e.activity * 3 + (uint8_t)(draw(g) * 4)) % GENERATE_ACTORS;
    *ret = e;
    if (e.activity + 1 < GENERATE_ACTIVITIES) {
        double hours = -log(draw(g)) * ACTIVITIES[e.activity].hours;
        e.time += (lapse)(hours * 3600) * SECOND;
        e.activity = follower(g, e.activity);
        sink(g, e);
    } else {
        struct generated last = g->heap.v[--g->heap.n];
        if (g->heap.n > 0) {
            sink(g, last);
        }
    }
    return true;
}

/* ---- files ---- */

static status created(const char *path, FILE **ret, struct error *why)
{
    *ret = fopen(path, "w");
    return *ret != NULL ? OK : error_set(why, "%s cannot be written", path);
}

static status written(const char *path, FILE *f, struct error *why)
{
    bool fine = ferror(f) == 0;
    fine = fclose(f) == 0 && fine;
    return fine ? OK : error_set(why, "%s cannot be written", path);
}

status generate_csv(const char *path, uint64_t events, struct error *why)
{
    FILE *f = NULL;
    TRY(created(path, &f, why));
    struct generate *g = generate_open(events);
    struct generated e;
    fputs("case_id,activity,timestamp,lifecycle,resource\n", f);
    while (generate_next(g, &e)) {
        struct civil c = clock_civil(e.time);
        fprintf(f, "%u,%s,%04d-%02d-%02d %02d:%02d:%02d,complete,person %u\n", 1000000 + e.item,
                ACTIVITIES[e.activity].name, c.year, c.month, c.day, c.hour, c.minute, c.second,
                e.actor);
    }
    generate_close(g);
    return written(path, f, why);
}

static int by_item(const void *a, const void *b)
{
    const struct generated *x = a, *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return before(y, x) - before(x, y);
}

status generate_xes(const char *path, uint64_t events, struct error *why)
{
    FILE *f = NULL;
    TRY(created(path, &f, why));
    struct generate *g = generate_open(events);
    VEC(struct generated) all = {0};
    struct generated e;
    while (generate_next(g, &e)) {
        VEC_ADD(&all, e);
    }
    generate_close(g);
    if (all.n > 0) {
        qsort(all.v, all.n, sizeof *all.v, by_item); /* one item's events are in order already */
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\" "
          "xmlns=\"http://www.xes-standard.org/\">\n",
          f);
    for (size_t i = 0; i < all.n; i++) {
        const struct generated *at = &all.v[i];
        struct civil c = clock_civil(at->time);
        if (i == 0 || at[-1].item != at->item) {
            fprintf(f, "%s<trace>\n<string key=\"concept:name\" value=\"%u\"/>\n",
                    i > 0 ? "</trace>\n" : "", 1000000 + at->item);
        }
        fprintf(f,
                "<event>\n<string key=\"concept:name\" value=\"%s\"/>\n"
                "<string key=\"lifecycle:transition\" value=\"complete\"/>\n"
                "<string key=\"org:resource\" value=\"person %u\"/>\n"
                "<date key=\"time:timestamp\" "
                "value=\"%04d-%02d-%02dT%02d:%02d:%02d.000+00:00\"/>\n</event>\n",
                ACTIVITIES[at->activity].name, at->actor, c.year, c.month, c.day, c.hour, c.minute,
                c.second);
    }
    fputs(all.n > 0 ? "</trace>\n</log>\n" : "</log>\n", f);
    VEC_FINISH(&all);
    return written(path, f, why);
}

/* ---- a repository ---- */

enum { FOLDERS = 40, FILES = 25, TAG_EVERY = 100 };

static void commit(FILE *git, uint64_t number, const char *branch, uint64_t parent, uint64_t merged)
{
    uint64_t when_s = 1500000000 + number * 3600;
    char message[64];
    int n = snprintf(message, sizeof message, "Change number %llu", (unsigned long long)number);
    fprintf(git,
            "commit refs/heads/%s\nmark :%llu\nauthor Person %llu <person%llu@example.org> %llu "
            "+0000\ncommitter Person %llu <person%llu@example.org> %llu +0000\ndata %d\n%s\n",
            branch, (unsigned long long)number, (unsigned long long)(number % 50),
            (unsigned long long)(number % 50), (unsigned long long)(when_s - 7200),
            (unsigned long long)(number % 7), (unsigned long long)(number % 7),
            (unsigned long long)when_s, n, message);
    if (parent > 0) {
        fprintf(git, "from :%llu\n", (unsigned long long)parent);
    }
    if (merged > 0) {
        fprintf(git, "merge :%llu\n", (unsigned long long)merged);
    }
    for (uint64_t i = 0; i < 1 + number % 2; i++) {
        uint64_t dice = rng_mix(number, i);
        fprintf(git, "M 100644 inline folder%02llu/part%llu/file%02llu.c\ndata %d\n%s\n",
                (unsigned long long)(dice % FOLDERS), (unsigned long long)(dice / FOLDERS % 4),
                (unsigned long long)(dice / 1000 % FILES), n, message);
    }
    fputc('\n', git);
}

status generate_git(const char *path, uint64_t commits, struct error *why)
{
    char command[4200];
    snprintf(command, sizeof command,
             "git init -q --bare -b main '%s' && git -C '%s' fast-import --quiet", path, path);
    FILE *git = popen(command, "w");
    if (git == NULL) {
        return error_set(why, "git cannot be started");
    }
    for (uint64_t i = 1, tip = 0; i <= commits; i++) {
        bool side = i % 10 == 8 && tip > 0; /* the next but one on main merges it */
        bool merge = i % 10 == 0 && tip > 0 && i >= 10;
        commit(git, i, side ? "side" : "main", tip, merge ? i - 2 : 0);
        tip = side ? tip : i;
        if (i % TAG_EVERY == 0) {
            fprintf(git, "reset refs/tags/v1.%llu\nfrom :%llu\n\n",
                    (unsigned long long)(i / TAG_EVERY), (unsigned long long)i);
        }
    }
    return pclose(git) == 0 ? OK : error_set(why, "git fast-import failed");
}
