/* The inside of the studio: who works where, and what its tools tell (studio_tell.c). Included by
 * src/sim/studio*.c alone. */
#pragma once

#include "model/calendar.h"
#include "sim/heap.h"
#include "sim/studio.h"

enum kind { KIND_IDEA, KIND_REPORT, KIND_HOTFIX };
enum thread { THREAD_NONE, THREAD_SEARCH, THREAD_INVITE };

enum department {
    SALES,
    SUPPORT,
    PRODUCT,
    DEVELOPMENT,
    BUILD, /* machines, day and night */
    SECURITY,
    QA,
    OPERATIONS,
    DEPARTMENTS
};
extern const char *const department_word[DEPARTMENTS];

enum { NOBODY = UINT32_MAX };

struct item { /* number: place in sim.items + 1 */
    enum kind kind;
    enum thread thread;
    enum studio_part part; /* where its time goes now, */
    when since;            /* since then */
    lapse parts[STUDIO_PARTS];
    uint32_t author;       /* person of development, or NOBODY */
    uint32_t change;       /* number; 0: none yet */
    uint32_t first_commit; /* chain of sim.commits, number; 0: none */
    uint32_t last_commit;
    uint32_t builds, works;   /* so far, for draws */
    uint32_t run;             /* number of the last build */
    uint32_t incident, cause; /* of a hotfix; cause: the train */
    unsigned rounds;          /* that it still stays in test */
    int green;                /* enum green: what its next green build leads to */
};

struct commit {
    uint32_t item, next;
};

struct train {
    uint32_t first, n; /* its items: sim.cargo[first … first + n - 1] */
    uint32_t staging, tries;
    uint32_t number;     /* of the version */
    uint32_t hotfix;     /* item, instead of cargo; 0: none */
    uint32_t production; /* number of the deployment that went well */
};

struct task {
    int priority; /* smaller first */
    when since;
    uint32_t number; /* of the item, or of the train */
    int work;        /* enum work */
};

struct station {
    uint32_t people;
    bool *busy; /* by person */
    VEC(struct task) queue;
    bool waking; /* an entry of the heap opens it in the morning */
};

struct sim {
    const struct studio_model *m;
    struct studio *out;
    struct calendar *office;
    uint64_t seed;
    when now;
    struct heap heap;
    VEC(struct item) items;
    VEC(struct commit) commits;
    VEC(struct train) trains;
    VEC(uint32_t) cargo;
    VEC(uint32_t) waiting_qa, in_test, passed; /* items */
    struct station stations[DEPARTMENTS];
    uint32_t arrivals[2], changes, runs, deployments, incidents, versions;
    bool searched, invited;
};

enum happening { /* kinds of entries of the heap, in the order of those of one instant */
                 HAPPENS_DONE,     /* a: department and person, b: item or train */
                 HAPPENS_COMMIT,   /* b: item */
                 HAPPENS_MERGE,    /* b: item */
                 HAPPENS_SECURITY, /* b: item */
                 HAPPENS_WAKE,     /* a: department */
                 HAPPENS_CHANGE,
                 HAPPENS_ARRIVAL, /* a: kind */
                 HAPPENS_ROUND,
                 HAPPENS_TRAIN,    /* a: month */
                 HAPPENS_TRY,      /* b: train */
                 HAPPENS_INCIDENT, /* b: train */
                 HAPPENS_FLAG,     /* b: item */
                 HAPPENS_CLOSING,  /* b: item */
};

enum work {
    WORK_JUDGE,
    WORK_DEVELOP,
    WORK_REPAIR,
    WORK_REVIEW,
    WORK_REVISE,
    WORK_REWORK,
    WORK_SECURITY,
    WORK_BUILD,
    WORK_STAGING,
};

enum green { GREEN_REVIEW, GREEN_QA, GREEN_MERGE };

enum purpose { /* of a draw */
               DRAW_ARRIVAL,
               DRAW_ACCEPT,
               DRAW_ANSWER,
               DRAW_WORK,
               DRAW_RED,
               DRAW_REVIEW,
               DRAW_SECURITY,
               DRAW_SENT_BACK,
               DRAW_ROUND,
               DRAW_FAILED,
               DRAW_INCIDENT,
               DRAW_INCIDENT_TIME,
};

/* A number in (0, 1), named after what it decides, of which item, and the how-manieth time. */
double studio_draw(const struct sim *s, enum purpose purpose, uint64_t of, uint64_t again);
bool studio_chance(const struct sim *s, double share, enum purpose purpose, uint64_t of,
                   uint64_t again);
when studio_open_at(const struct sim *s, when t); /* at or after t */
when studio_month(int64_t month);                 /* its begin; 0: the first */
void studio_plan(struct sim *s, when t, enum happening kind, uint32_t a, uint32_t b);
struct item *studio_item(struct sim *s, uint32_t item); /* until the next studio_add_item */
uint32_t studio_add_item(struct sim *s, enum kind kind);
/* From now on its time goes into `part`. */
void studio_spend(struct sim *s, uint32_t item, enum studio_part part);
/* Puts a piece of work into the queue of a department: of an item, or of a train. */
void studio_ask(struct sim *s, enum department d, enum work work, uint32_t number, int priority);

/* studio_gates.c: what happens at a round, at a train of a month, at an attempt to deploy it. */
void studio_round(struct sim *s);
void studio_plan_train(struct sim *s, int64_t month); /* the next one after that of `month` */
void studio_train(struct sim *s, uint32_t month);
void studio_try(struct sim *s, uint32_t train);
void studio_incident(struct sim *s, uint32_t train);

/* What the tools tell, at sim->now. */
void tell_created(struct sim *s, uint32_t item, uint32_t person);
void tell_status(struct sim *s, uint32_t item, const char *word, enum department team,
                 uint32_t person);
void tell_commit(struct sim *s, uint32_t item);
void tell_run(struct sim *s, uint32_t item, enum life life, const char *outcome);
void tell_change(struct sim *s, uint32_t item, const char *type, const char *activity,
                 enum department team, uint32_t person, const char *state);
void tell_landed(struct sim *s, uint32_t item);
/* Returns the number of the deployment. */
uint32_t tell_deployment(struct sim *s, const struct train *t, bool production, bool success);
void tell_incident(struct sim *s, uint32_t incident, const char *activity, uint32_t deployment);
void tell_migration(struct sim *s, uint32_t item);
void tell_flag(struct sim *s, uint32_t item);
