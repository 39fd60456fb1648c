/* CDEvents that are sent in, as CloudEvents over HTTP: binary (the attributes are headers ce-…, the
 * body is the event), structured (application/cloudevents+json), or a batch. Each becomes a record
 * as in a file, so that both ways give the same facts.
 *
 * Links to events by their id are followed within one delivery; of longer memory are the files. */
#include "source/cdevents.h"
#include "source/hook.h"
#include "source/identity.h"

#include "wire/json.h"

static const char *const ATTRIBUTES[] = {"specversion", "id", "source", "type", "time", "subject"};

/* A header's value is percent-encoded (CloudEvents HTTP binding 1.0.2, section 3.1.3.2). */
static void set_attribute(json_t *envelope, const char *name, str value)
{
    struct buf plain = {0};
    identity_decode(value, &plain);
    json_object_set_new(envelope, name, json_stringn(plain.p != NULL ? plain.p : "", plain.n));
    buf_finish(&plain);
}

/* The envelope that the headers of a binary delivery stand for; takes over `body`. */
static json_t *enveloped(const struct delivery *d, json_t *body)
{
    str value = {0};
    if (!delivery_header(d, "ce-specversion", &value)) {
        return body;
    }
    json_t *envelope = json_object();
    for (size_t i = 0; i < sizeof ATTRIBUTES / sizeof *ATTRIBUTES; i++) {
        char name[32] = "ce-";
        (void)snprintf(name, sizeof name, "ce-%s", ATTRIBUTES[i]);
        if (delivery_header(d, name, &value)) {
            set_attribute(envelope, ATTRIBUTES[i], value);
        }
    }
    json_object_set_new(envelope, "data", body);
    return envelope;
}

static void map_record(struct cdevents *c, struct hook_run *run, const json_t *json)
{
    if (!hook_room(run, 1)) {
        return;
    }
    c->batch = run->batch;
    size_t events = c->batch->n, rejects = c->batch->rejects.n;
    cdevents_record(c, json);
    run->counts.events += c->batch->n - events;
    run->counts.rejected += c->batch->rejects.n - rejects;
}

static void cdevents_map(struct hook_run *run, const struct delivery *d)
{
    json_t *json = NULL;
    struct error why = {0};
    if (json_parse(d->body, 0, "the body", &json, &why) != OK) {
        hook_reject(run, d, "", "%s", why.text);
        return;
    }
    json = enveloped(d, json);
    struct cdevents c;
    cdevents_begin(&c, run->options);
    c.name = d->file.n > 0 ? d->file : d->source;
    c.value = (struct jsonfeed_value){.text = d->body, .line = d->line};
    size_t i;
    json_t *one;
    if (json_is_array(json) && json_array_size(json) == 0) {
        run->counts.unmapped++;
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, one)
        {
            map_record(&c, run, one);
        }
    } else {
        map_record(&c, run, json);
    }
    while (hook_room(run, 0) && c.at < c.pending.n) {
        c.batch = run->batch;
        cdevents_give_pending(&c);
    }
    run->counts.unmapped += c.unmapped;
    run->counts.warnings += c.differing + c.no_id + c.categories;
    cdevents_end(&c);
    json_decref(json);
}

static str get(const json_t *object, const char *key)
{
    str text = {0};
    json_get_str(object, key, &text);
    return text;
}

/* (source, id), which together are unique; of a batch there is none. */
static str cdevents_id_of(const struct delivery *d, struct arena *text)
{
    str source = {0}, id = {0};
    if (delivery_header(d, "ce-source", &source) && delivery_header(d, "ce-id", &id)) {
        return arena_strf(text, STR_FMT " " STR_FMT, STR_ARG(source), STR_ARG(id));
    }
    json_t *json = NULL;
    struct error why = {0};
    str made = {0};
    if (json_parse(d->body, 0, "the body", &json, &why) == OK) {
        const json_t *holder = json_get_object(json, "context");
        holder = holder != NULL ? holder : json;
        source = get(holder, "source");
        id = get(holder, "id");
        if (source.n > 0 && id.n > 0) {
            made = arena_strf(text, STR_FMT " " STR_FMT, STR_ARG(source), STR_ARG(id));
        }
        json_decref(json);
    }
    return made;
}

const struct hook HOOK_CDEVENTS = {
    .name = "cdevents",
    .title = "CDEvents",
    .id = cdevents_id_of,
    .map = cdevents_map,
};
