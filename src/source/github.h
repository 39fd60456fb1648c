/* What the parts of the GitHub connector share: github.c takes deliveries apart and finds out what
 * they are; github_work.c tells of issues and changes, github_code.c of pushes and releases,
 * github_run.c of runs, jobs and deployments. Each takes the object as webhooks and the REST API
 * both send it; `action` is empty where it came by REST, and the object alone says what happened.
 */
#pragma once

#include "source/teller.h"

struct github {
    struct teller t;
    const json_t *body;
    const json_t *sender; /* who did it; NULL by REST */
    str event, action;
    str repository; /* "acme/shop" */
    bool rest;
};

/* Where the object is from: its repository, or what its address says. False: it says neither, and a
 * reject was added. */
bool github_place(struct github *g, const json_t *object);
/* A time that must be there; false: it is not, and a reject was added. */
bool github_time(struct github *g, const json_t *object, const char *key, const char *path,
                 when *ret);
/* The item of a number ("issue", "pr") or id in the object; 0: none, and a reject was added. */
item_id github_item(struct github *g, const char *type, const char *word, const json_t *id,
                    const char *path);
void github_actor(struct github *g, const json_t *user); /* {"login", "type"}; NULL: nobody */
item_id github_branch(struct github *g, str name);       /* without refs/heads/ */
item_id github_environment(struct github *g, str name);
bool github_did(const struct github *g, const char *action);

void github_issue(struct github *g, const json_t *issue);
void github_issue_event(struct github *g, const json_t *event); /* of REST issues/events */
void github_comment(struct github *g, const json_t *comment, const json_t *subject, bool change);
void github_change(struct github *g, const json_t *pull);
void github_review(struct github *g, const json_t *review);
void github_board(struct github *g, const json_t *item);
void github_queue(struct github *g, const json_t *group); /* merge_group */

void github_push(struct github *g);
void github_commit(struct github *g, const json_t *commit); /* of REST, with `number` of the change
                                                             * that lists it, if any */
void github_release(struct github *g, const json_t *release);

void github_run(struct github *g, const json_t *run);
void github_job(struct github *g, const json_t *job);
void github_check(struct github *g, const json_t *check);
void github_suite(struct github *g, const json_t *suite);
void github_status(struct github *g, const json_t *one);
void github_deployment(struct github *g, const json_t *deployment);
void github_deployment_status(struct github *g, const json_t *one, const json_t *deployment);
void github_approval(struct github *g);
