/* PagerDuty: webhooks of version 3 ({"event": {…}}), incidents and log entries of the REST API. An
 * incident says which service it is of; its cause is in a note "root cause: <hash>" or a custom
 * field that holds a hash, or not told. */
#include "source/mention.h"
#include "source/signature.h"
#include "source/teller.h"

#include <string.h>

struct pagerduty {
    struct teller t;
    const json_t *event; /* of a webhook, else NULL */
    const json_t *data;  /* the incident, note, …: or the object of the REST API */
};

static item_id incident_item(struct pagerduty *p, const json_t *id)
{
    item_id item = teller_item(&p->t, "incident", "incident", json_text(id));
    if (item == 0) {
        teller_reject(&p->t, "data.id", "it does not say which incident it is about");
    }
    return item;
}

static item_id service_item(struct pagerduty *p, const json_t *incident)
{
    return teller_item(&p->t, "service", "service", teller_text(incident, "service.id"));
}

static void actor(struct pagerduty *p, const json_t *agent)
{
    bool user = str_starts(teller_get(agent, "type"), STR("user"));
    teller_actor(&p->t, teller_get(agent, "id"), user ? STR("") : STR("Bot"));
}

/* `incident` may be a reference with nothing but an id. */
static bool tell(struct pagerduty *p, item_id item, const char *type, const char *activity,
                 when time, const json_t *incident, const json_t *agent, str own)
{
    struct teller *t = &p->t;
    teller_fact(t, item, type, str_of(activity), time);
    teller_attr(t, "service", teller_text(incident, "service.id"));
    teller_attr(t, "service_name", teller_text(incident, "service.summary"));
    actor(p, agent);
    teller_also(t, service_item(p, incident), "service");
    return teller_give(t, own);
}

static void mark(struct pagerduty *p, item_id item, const json_t *incident, when time)
{
    struct teller *t = &p->t;
    str priority = teller_text(incident, "priority.summary");
    teller_mark(t, item, "urgency", time, teller_get(incident, "urgency"));
    teller_mark(t, item, "priority", time,
                priority.n > 0 ? priority : teller_text(incident, "priority.name"));
}

/* --- webhooks --- */

static const struct {
    const char *event, *type, *activity;
    bool once;
} EVENTS[] = {
    {"incident.triggered", "incident.created", "created", true},
    {"incident.acknowledged", "incident.acknowledged", "acknowledged", false},
    {"incident.unacknowledged", "incident.unacknowledged", "unacknowledged", false},
    {"incident.resolved", "incident.resolved", "resolved", false},
    {"incident.reopened", "incident.reopened", "reopened", false},
    {"incident.priority_updated", "incident.priority", "priority updated", false},
    {"incident.escalated", "incident.escalated", "escalated", false},
    {"incident.reassigned", "incident.assigned", "assigned", false},
    {"incident.delegated", "incident.assigned", "assigned", false},
};

/* What a note or custom field says of the cause. */
static void tell_cause(struct pagerduty *p, when time, str event_id)
{
    struct teller *t = &p->t;
    const json_t *incident = json_object_get(p->data, "incident"), *fields, *field;
    item_id item = incident_item(p, json_object_get(incident, "id"));
    str sha = mention_root_cause(teller_get(p->data, "content"));
    size_t i;
    fields = json_get_array(p->data, "custom_fields");
    fields = fields != NULL ? fields : json_get_array(p->data, "changed_fields");
    json_array_foreach(fields, i, field)
    {
        str value = teller_get(field, "value");
        if (teller_is_sha(value)) {
            sha = value;
        }
    }
    if (item == 0 || sha.n == 0) {
        if (item != 0) {
            teller_unmapped(t);
        }
        return;
    }
    teller_fact(t, item, "incident.cause", STR("cause found"), time);
    teller_attr(t, "commit", sha); /* may be cut short */
    actor(p, json_object_get(p->event, "agent"));
    item_id commit = teller_commit(t, sha);
    teller_also(t, commit, "commit");
    if (teller_give(t, event_id)) {
        teller_link(t, item, commit, "caused_by", "stated", 1);
    }
}

static void map_webhook(struct pagerduty *p)
{
    struct teller *t = &p->t;
    str type = teller_get(p->event, "event_type");
    const json_t *agent = json_object_get(p->event, "agent");
    when time = teller_when(t, json_object_get(p->event, "occurred_at"));
    bool cause = str_eq(type, STR("incident.annotated")) ||
                 str_eq(type, STR("incident.custom_field_values.updated"));
    size_t k = 0, n = sizeof EVENTS / sizeof *EVENTS;
    while (k < n && !str_eq(type, str_of(EVENTS[k].event))) {
        k++;
    }
    if (type.n == 0) {
        teller_reject(t, "event.event_type", "there is no event.event_type");
        return;
    }
    if (k == n && !cause) {
        teller_unmapped(t);
        return;
    }
    if (time == WHEN_NONE) {
        teller_reject(t, "event.occurred_at", "there is no time in event.occurred_at");
        return;
    }
    if (cause) {
        tell_cause(p, time, teller_get(p->event, "id"));
        return;
    }
    item_id item = incident_item(p, json_object_get(p->data, "id"));
    if (item != 0) {
        tell(p, item, EVENTS[k].type, EVENTS[k].activity, time, p->data, agent,
             EVENTS[k].once ? TELLER_ONCE : (str){0});
        mark(p, item, p->data, time);
    }
}

/* --- REST --- */

/* Steps between creation and now are in the log entries only, but for who acknowledged last. */
static void map_incident(struct pagerduty *p)
{
    struct teller *t = &p->t;
    const json_t *one = p->data;
    str word = teller_get(one, "status");
    when created = teller_when(t, json_object_get(one, "created_at")),
         changed = teller_when(t, json_object_get(one, "last_status_change_at"));
    item_id item = incident_item(p, json_object_get(one, "id"));
    const json_t *by = json_object_get(one, "last_status_change_by");
    if (item == 0) {
        return;
    }
    if (created == WHEN_NONE) {
        teller_reject(t, "created_at", "there is no time in created_at");
        return;
    }
    tell(p, item, "incident.created", "created", created, one, NULL, TELLER_ONCE);
    size_t i;
    const json_t *ack;
    json_array_foreach(json_get_array(one, "acknowledgements"), i, ack)
    {
        when at = teller_when(t, json_object_get(ack, "at"));
        if (at != WHEN_NONE) {
            tell(p, item, "incident.acknowledged", "acknowledged", at, one,
                 json_object_get(ack, "acknowledger"), (str){0});
        }
    }
    if (str_eq(word, STR("resolved")) && changed != WHEN_NONE) {
        tell(p, item, "incident.resolved", "resolved", changed, one, by, (str){0});
    }
    mark(p, item, one, changed != WHEN_NONE ? changed : created);
}

static void map_log_entry(struct pagerduty *p, str kind)
{
    static const struct {
        const char *kind, *type, *activity;
        bool once;
    } ENTRIES[] = {
        {"trigger_log_entry", "incident.created", "created", true},
        {"acknowledge_log_entry", "incident.acknowledged", "acknowledged", false},
        {"unacknowledge_log_entry", "incident.unacknowledged", "unacknowledged", false},
        {"resolve_log_entry", "incident.resolved", "resolved", false},
        {"reopen_log_entry", "incident.reopened", "reopened", false},
        {"escalate_log_entry", "incident.escalated", "escalated", false},
        {"assign_log_entry", "incident.assigned", "assigned", false},
    };
    struct teller *t = &p->t;
    for (size_t i = 0; i < sizeof ENTRIES / sizeof *ENTRIES; i++) {
        if (!str_eq(kind, str_of(ENTRIES[i].kind))) {
            continue;
        }
        const json_t *incident = json_object_get(p->data, "incident");
        when time = teller_when(t, json_object_get(p->data, "created_at"));
        item_id item = incident_item(p, json_object_get(incident, "id"));
        if (item != 0 && time == WHEN_NONE) {
            teller_reject(t, "created_at", "there is no time in created_at");
        } else if (item != 0) {
            tell(p, item, ENTRIES[i].type, ENTRIES[i].activity, time, p->data,
                 json_object_get(p->data, "agent"), ENTRIES[i].once ? TELLER_ONCE : (str){0});
        }
        return;
    }
    teller_unmapped(t);
}

static void map_object(struct pagerduty *p)
{
    str type = teller_get(p->data, "type");
    bool numbered = json_object_get(p->data, "incident_number") != NULL;
    if (numbered || str_eq(type, STR("incident"))) {
        map_incident(p);
    } else if (str_ends(type, STR("_log_entry"))) {
        map_log_entry(p, type);
    } else {
        teller_unmapped(&p->t);
    }
}

static void map_one(struct pagerduty *p, const json_t *body)
{
    p->t.given = (id128){0};
    p->event = json_get_object(body, "event");
    if (p->event != NULL) {
        p->data = json_get_object(p->event, "data");
        map_webhook(p);
        return;
    }
    p->data = json_get_object(body, "incident"); /* one, fetched by itself */
    p->data = p->data != NULL && json_object_get(body, "type") == NULL ? p->data : body;
    map_object(p);
}

static void map_list(struct pagerduty *p, const json_t *list)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        if (json_is_object(one)) {
            map_one(p, one);
        } else {
            teller_reject(&p->t, "", "element %zu of the page is no object", i + 1);
        }
    }
}

static void pagerduty_map(struct hook_run *run, const struct delivery *d)
{
    struct pagerduty p = {0};
    teller_open(&p.t, run, d);
    p.t.resolution = SECOND;
    p.t.place =
        (struct place){.provider = STR("pagerduty"), .provider_id = run->options->provider_id};
    json_t *json = teller_json(&p.t);
    const json_t *page = json_get_array(json, "incidents");
    page = page != NULL ? page : json_get_array(json, "log_entries");
    page = page != NULL ? page : json_is_array(json) ? json : NULL;
    if (page != NULL && json_array_size(page) == 0) {
        teller_unmapped(&p.t);
    } else if (page != NULL) {
        map_list(&p, page);
    } else if (json_is_object(json)) {
        map_one(&p, json);
    } else if (json != NULL) {
        teller_reject(&p.t, "", "the body is no JSON object");
    }
    json_decref(json);
    teller_close(&p.t);
}

static enum hook_proof pagerduty_verify(const struct delivery *d,
                                        const struct hook_secrets *secrets, when now)
{
    (void)now;
    return signature_list(d, secrets, "X-PagerDuty-Signature", "v1=");
}

static str pagerduty_id(const struct delivery *d, struct arena *text)
{
    json_t *json = NULL;
    str id = {0};
    struct error why = {0};
    if (json_parse(d->body, 0, "the body", &json, &why) == OK) {
        id = arena_str(text, teller_text(json, "event.id"));
        json_decref(json);
    }
    return id;
}

const struct hook HOOK_PAGERDUTY = {
    .name = "pagerduty",
    .title = "PagerDuty",
    .verify = pagerduty_verify,
    .signs = true,
    .id = pagerduty_id,
    .map = pagerduty_map,
};
