#include "fold/verdict.h"

#include "fold/verdict_words.h"
#include "math/bootstrap.h"

#include <math.h>
#include <stdlib.h>

static const double MARGIN = 1.1, SURE = .9;
static const double CAPS[] = {
    [INDICATOR_UTILISATION] = .82, [INDICATOR_WAIT] = .77, [INDICATOR_TIME] = .68};

double verdict_cap(enum indicator i)
{
    return CAPS[i];
}

/* Scores of all places in every draw, and utilisations for their intervals. */
struct draws {
    size_t place_n;
    double *score;       /* [draw * place_n + place] */
    double *utilisation; /* [place * VERDICT_DRAWS + draw] */
};

struct sums { /* of one place over some blocks */
    double wait, time, work, capacity;
};

static double utilisation_of(const struct sums *s)
{
    return s->capacity > 0 ? s->work / s->capacity : 0;
}

/* The scores of the places from their sums. Pools by the indicator; where that is utilisation, on
 * the scale of the leading pool's waiting, so that gates and timers compete by their waiting. */
static void score_places(const struct evidence *e, enum verdict_objective objective,
                         const struct sums *sums, double *ret)
{
    if (e->indicator != INDICATOR_UTILISATION) {
        for (size_t p = 0; p < e->place_n; p++) {
            ret[p] = e->indicator == INDICATOR_WAIT ? sums[p].wait : sums[p].time;
        }
        return;
    }
    double top = 0;
    double top_wait = 0;
    double policy_wait = 0;
    for (size_t p = 0; p < e->place_n; p++) {
        double u = utilisation_of(&sums[p]);
        if (e->places[p].kind != PLACE_POOL) {
            policy_wait = sums[p].wait > policy_wait ? sums[p].wait : policy_wait;
        } else if (u > top) {
            top = u;
            top_wait = sums[p].wait;
        }
    }
    bool scaled = objective == OBJECTIVE_LEAD_TIME && policy_wait > 0;
    double scale = scaled && top > 0 ? top_wait / top : 1;
    for (size_t p = 0; p < e->place_n; p++) {
        bool pool = e->places[p].kind == PLACE_POOL;
        ret[p] = pool ? utilisation_of(&sums[p]) * scale : scaled ? sums[p].wait : 0;
    }
}

static void draw_all(const struct evidence *e, enum verdict_objective objective, uint64_t seed,
                     struct draws *d)
{
    d->place_n = e->place_n;
    d->score = mem_get((VERDICT_DRAWS * e->place_n + 1) * sizeof *d->score);
    d->utilisation = mem_get((VERDICT_DRAWS * e->place_n + 1) * sizeof *d->utilisation);
    uint32_t *times = mem_get((e->block_n + 1) * sizeof *times);
    struct sums *sums = mem_get((e->place_n + 1) * sizeof *sums);
    for (size_t draw = 0; draw < VERDICT_DRAWS; draw++) {
        bootstrap_draw(seed, draw, e->block_n, times);
        for (size_t p = 0; p < e->place_n; p++) {
            struct sums s = {0};
            for (size_t b = 0; b < e->block_n; b++) {
                size_t cell = p * e->block_n + b;
                double n = times[b];
                s.wait += n * e->wait[cell];
                s.time += n * e->time[cell];
                s.work += n * e->work[cell];
                s.capacity += n * e->capacity[cell];
            }
            sums[p] = s;
            d->utilisation[p * VERDICT_DRAWS + draw] = utilisation_of(&s);
        }
        score_places(e, objective, sums, &d->score[draw * e->place_n]);
    }
    mem_put(times);
    mem_put(sums);
}

static void draws_finish(struct draws *d)
{
    mem_put(d->score);
    mem_put(d->utilisation);
}

/* Share of draws in which the best of the set is at least 1.1 times everything outside it. */
static double set_leads(const struct draws *d, const int *set, size_t n)
{
    size_t led = 0;
    for (size_t draw = 0; draw < VERDICT_DRAWS; draw++) {
        const double *score = &d->score[draw * d->place_n];
        double inside = 0;
        double outside = 0;
        for (size_t p = 0; p < d->place_n; p++) {
            bool in = false;
            for (size_t i = 0; i < n; i++) {
                in = in || set[i] == (int)p;
            }
            double *best = in ? &inside : &outside;
            *best = score[p] > *best ? score[p] : *best;
        }
        led += inside > 0 && inside >= MARGIN * outside;
    }
    return (double)led / VERDICT_DRAWS;
}

static double mean_score(const struct draws *d, size_t place)
{
    double sum = 0;
    for (size_t draw = 0; draw < VERDICT_DRAWS; draw++) {
        sum += d->score[draw * d->place_n + place];
    }
    return sum / VERDICT_DRAWS;
}

static void count_draws(const struct evidence *e, const struct draws *d, struct verdict *v)
{
    for (size_t draw = 0; draw < VERDICT_DRAWS; draw++) {
        const double *score = &d->score[draw * d->place_n];
        size_t best = 0;
        for (size_t p = 1; p < d->place_n; p++) {
            best = score[p] > score[best] ? p : best;
        }
        if (score[best] > 0) {
            v->places[best].first += 1.0 / VERDICT_DRAWS;
        }
    }
    for (size_t p = 0; p < d->place_n; p++) {
        int own = (int)p;
        struct verdict_place *place = &v->places[p];
        place->leads = set_leads(d, &own, 1);
        place->probability = fmin(place->leads, CAPS[e->indicator]);
        if (e->places[p].capacity > 0 && e->block_n > 0) {
            struct bootstrap_interval i =
                bootstrap_percentiles(&d->utilisation[p * VERDICT_DRAWS], VERDICT_DRAWS, .95);
            place->utilisation = (struct verdict_estimate){
                true, e->places[p].work / e->places[p].capacity, i.low, i.high};
        }
    }
}

struct ranked {
    int place;
    double first, mean;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->first != y->first) {
        return x->first > y->first ? -1 : 1;
    }
    if (x->mean != y->mean) {
        return x->mean > y->mean ? -1 : 1;
    }
    return x->place - y->place;
}

static double needed_items(const struct evidence *e, const struct draws *d, int first, int second)
{
    double mean = 0;
    double squares = 0;
    for (size_t draw = 0; draw < VERDICT_DRAWS; draw++) {
        const double *score = &d->score[draw * d->place_n];
        double gap = score[first] - MARGIN * score[second];
        mean += gap / VERDICT_DRAWS;
        squares += gap * gap / VERDICT_DRAWS;
    }
    double sd = sqrt(fmax(squares - mean * mean, 0));
    if (mean <= 0) {
        return 0; /* equally good places: no number of items separates them */
    }
    double needed = (double)e->items * pow(1.28 * sd / mean, 2);
    return fmax(needed, (double)e->items);
}

static void rank_candidates(const struct evidence *e, const struct draws *d, struct verdict *v)
{
    struct ranked *order = mem_get((d->place_n + 1) * sizeof *order);
    for (size_t p = 0; p < d->place_n; p++) {
        order[p] = (struct ranked){(int)p, v->places[p].first, mean_score(d, p)};
    }
    if (d->place_n > 0) {
        qsort(order, d->place_n, sizeof *order, by_rank);
    }
    v->candidates = ARENA_ARRAY(&v->text, int, d->place_n + 1);
    double leads = 0;
    while (v->candidate_n < d->place_n && leads < SURE) {
        v->candidates[v->candidate_n] = order[v->candidate_n].place;
        v->candidate_n++;
        leads = set_leads(d, v->candidates, v->candidate_n);
    }
    v->probability = fmin(leads, CAPS[e->indicator]);
    if (v->candidate_n >= 2) {
        v->needed_items = needed_items(e, d, v->candidates[0], v->candidates[1]);
    }
    mem_put(order);
}

/* The stage of the place where items wait longest. */
static sym stage_of_place(const struct evidence *e, int place)
{
    sym stage = 0;
    double most = -1;
    for (size_t i = 0; i < e->stage_n; i++) {
        const struct evidence_stage *g = &e->stages[i];
        bool own = e->places[place].kind == PLACE_POOL ? g->pool == place : g->policy == place;
        double weight = e->indicator == INDICATOR_TIME ? g->time : g->wait;
        if (own && weight > most) {
            most = weight;
            stage = g->stage;
        }
    }
    return stage;
}

static void find_throughput(const struct evidence *e, struct verdict *v)
{
    struct verdict_throughput *t = &v->throughput;
    t->place = -1;
    if (e->indicator != INDICATOR_UTILISATION || e->weeks <= 0 || e->finished == 0) {
        return;
    }
    for (size_t p = 0; p < e->place_n; p++) {
        if (v->places[p].utilisation.known && v->places[p].utilisation.value > t->utilisation) {
            t->place = (int)p;
            t->utilisation = v->places[p].utilisation.value;
        }
    }
    if (t->place < 0) {
        return;
    }
    t->known = true;
    t->limit_per_week = (double)e->finished / e->weeks / t->utilisation;
    t->saturated = t->utilisation > .85;
    for (size_t i = 0; i < e->stage_n; i++) {
        const struct wip_stage *w = &e->stages[i].wip;
        t->saturated = t->saturated || (e->stages[i].pool == t->place && w->slope.known &&
                                        w->slope.low > 0 && t->utilisation > .5);
    }
}

static void fill_stages(const struct evidence *e, struct verdict *v)
{
    double idle = e->between;
    for (size_t i = 0; i < e->stage_n; i++) {
        idle += e->stages[i].wait;
    }
    v->stage_n = e->stage_n;
    v->stages = ARENA_ARRAY(&v->text, struct verdict_stage, e->stage_n + 1);
    for (size_t i = 0; i < e->stage_n; i++) {
        const struct evidence_stage *g = &e->stages[i];
        struct verdict_stage *s = &v->stages[i];
        s->stage = g->stage;
        s->place = g->pool >= 0 ? g->pool : g->policy;
        if (g->pool >= 0 && g->policy >= 0 &&
            v->places[g->policy].probability > v->places[g->pool].probability) {
            s->place = g->policy;
        }
        s->probability = s->place >= 0 ? v->places[s->place].probability : 0;
        s->share_of_lead = e->lead > 0 ? g->time / e->lead : 0;
        s->wait_share = idle > 0 ? g->wait / idle : 0;
        s->wip = &g->wip;
        s->batch = &g->batch;
        if (g->pool >= 0) {
            s->utilisation = v->places[g->pool].utilisation;
        }
    }
}

static void decide(const struct evidence *e, enum verdict_objective objective, uint64_t seed,
                   struct verdict *v)
{
    v->leader = -1;
    if (e->finished < VERDICT_LEAST || e->lead <= 0 || e->place_n == 0) {
        v->word = VERDICT_TOO_FEW;
        return;
    }
    if (objective == OBJECTIVE_THROUGHPUT && e->indicator != INDICATOR_UTILISATION) {
        v->word = VERDICT_NOT_IDENTIFIABLE;
        return;
    }
    struct draws d = {0};
    draw_all(e, objective, seed, &d);
    count_draws(e, &d, v);
    rank_candidates(e, &d, v);
    if (v->candidate_n == 1) {
        v->word = VERDICT_LIKELY;
        v->leader = v->candidates[0];
        v->stage = stage_of_place(e, v->leader);
    } else {
        v->word = VERDICT_NO_SINGLE_CONSTRAINT;
    }
    draws_finish(&d);
}

void verdict_of(const struct evidence_summary *s, const struct names *names,
                enum verdict_objective objective, uint64_t seed, struct verdict *ret)
{
    *ret = (struct verdict){0};
    arena_init(&ret->text, "verdict", 0);
    struct evidence *e = &ret->evidence;
    evidence_show(s, e);
    ret->day = s->flow != NULL && s->flow->day > 0 ? s->flow->day : DAY;
    ret->place_n = e->place_n;
    ret->places = ARENA_ARRAY(&ret->text, struct verdict_place, e->place_n + 1);
    for (size_t p = 0; p < e->place_n; p++) {
        ret->places[p].kind = e->places[p].kind;
        ret->places[p].people = e->places[p].people;
        ret->places[p].wait = e->items > 0 ? e->places[p].wait / (double)e->items : 0;
    }
    decide(e, objective, seed, ret);
    find_throughput(e, ret);
    fill_stages(e, ret);
    verdict_speak(ret, names);
}

void verdict_finish(struct verdict *v)
{
    evidence_finish(&v->evidence);
    arena_finish(&v->text);
    *v = (struct verdict){0};
}
