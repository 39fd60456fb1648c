/* What the parts of the GitLab connector share: gitlab.c takes deliveries apart and finds out what
 * they are; gitlab_work.c tells of issues and changes, gitlab_run.c of pipelines, jobs,
 * deployments, pushes and releases. */
#pragma once

#include "source/teller.h"

struct gitlab {
    struct teller t;
    const json_t *body;
    const json_t *about; /* object_attributes of a webhook; by REST the object itself */
    str kind, action;
    str repository; /* "acme/group/shop" */
    bool rest;
};

bool gitlab_did(const struct gitlab *g, const char *action);
/* A number that names an item; 0: there is none, and a reject was added. */
item_id gitlab_item(struct gitlab *g, const char *type, const char *word, const json_t *id,
                    const char *path);
when gitlab_time(const struct gitlab *g, const json_t *object, const char *key);
void gitlab_need_time(struct gitlab *g, const char *path); /* the reject for a missing one */
void gitlab_actor(struct gitlab *g, const json_t *user);   /* {"username", "name", …} or NULL */
str gitlab_who(const json_t *user);

void gitlab_issue(struct gitlab *g);
void gitlab_change(struct gitlab *g);
void gitlab_note(struct gitlab *g);
void gitlab_label_event(
    struct gitlab *g); /* REST resource_label_events and resource_state_events */

void gitlab_push(struct gitlab *g);
void gitlab_tag(struct gitlab *g);
void gitlab_commit(struct gitlab *g); /* REST */
void gitlab_pipeline(struct gitlab *g);
void gitlab_build(struct gitlab *g);
void gitlab_rest_job(struct gitlab *g);
void gitlab_deployment(struct gitlab *g);
void gitlab_release(struct gitlab *g);
void gitlab_flag(struct gitlab *g);
