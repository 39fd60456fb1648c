/* One CDEvent: what it is about (an item), what happened (type, activity, life), when, and which
 * other items it names. Checked by hand against the published field lists, not by their schemas;
 * unknown types, fields and versions pass, a missing identity or time does not. */
#include "source/cdevents.h"

#include "source/identity.h"
#include "wire/base64.h"
#include "wire/stamp.h"

static const when EARLIEST = 631152000 * SECOND; /* 1990 */

struct subject {
    str name, item, fact; /* subject of the type; type of item; type of event */
    bool spans;           /* predicates are steps of one activity */
};

static const struct subject SUBJECTS[] = {
    {STR_INIT("ticket"), STR_INIT("issue"), STR_INIT("issue"), false},
    {STR_INIT("change"), STR_INIT("change"), STR_INIT("change"), false},
    {STR_INIT("pipelinerun"), STR_INIT("run"), STR_INIT("run"), true},
    {STR_INIT("build"), STR_INIT("run"), STR_INIT("run"), true},
    {STR_INIT("testsuiterun"), STR_INIT("run"), STR_INIT("run"), true},
    {STR_INIT("taskrun"), STR_INIT("job"), STR_INIT("job"), true},
    {STR_INIT("testcaserun"), STR_INIT("job"), STR_INIT("job"), true},
    {STR_INIT("approval"), STR_INIT("approval"), STR_INIT("approval"), true},
    {STR_INIT("artifact"), STR_INIT("artifact"), STR_INIT("artifact"), false},
    {STR_INIT("service"), STR_INIT("service"), STR_INIT("service"), false},
    {STR_INIT("incident"), STR_INIT("incident"), STR_INIT("incident"), false},
    {STR_INIT("branch"), STR_INIT("branch"), STR_INIT("branch"), false},
    {STR_INIT("environment"), STR_INIT("environment"), STR_INIT("environment"), false},
    {STR_INIT("repository"), STR_INIT("repository"), STR_INIT("repository"), false},
    {STR_INIT("testoutput"), STR_INIT("testoutput"), STR_INIT("testoutput"), false},
    {STR_INIT("weir-workitem"), STR_INIT("issue"), STR_INIT("issue.status"), false},
};

struct cdevent {
    const json_t *context, *subject, *content;
    str id, source, type, subject_id, subject_source;
    str name, predicate;      /* parts of the type */
    const struct subject *of; /* NULL: unmapped */
    bool deployment, moved;
    str to, from;
    when time;
    item_id item;
    id128 key;
};

static str get(const json_t *object, const char *key)
{
    str text = {0};
    json_get_str(object, key, &text);
    return text;
}

/* --- envelope --- */

/* The event in a CloudEvents envelope: an object, or its text, or that in base64. NULL: none. */
static json_t *unwrap(struct cdevents *c, const json_t *envelope)
{
    json_t *data = json_object_get(envelope, "data"), *parsed = NULL;
    struct error why = {0};
    if (json_is_object(data)) {
        return json_incref(data);
    }
    str text = json_text(data), coded;
    buf_clear(&c->other);
    if (json_get_str(envelope, "data_base64", &coded) && base64_decode(coded, &c->other)) {
        text = buf_str(&c->other);
    }
    if (text.n > 0 && json_parse(text, JSONFEED_VALUE, "data", &parsed, &why) == OK) {
        return parsed;
    }
    return NULL;
}

/* Does the envelope say the same as the event? If not the event is believed. */
static void compare(struct cdevents *c, const json_t *envelope, const json_t *body)
{
    const json_t *context = json_object_get(body, "context");
    static const char *const PAIRS[][2] = {
        {"id", "id"}, {"source", "source"}, {"type", "type"}, {"time", "timestamp"}};
    bool differs = false;
    for (size_t i = 0; i < 4; i++) {
        str outer = get(envelope, PAIRS[i][0]), inner = get(context, PAIRS[i][1]);
        differs |= outer.n > 0 && !str_eq(outer, inner);
    }
    str subject = get(envelope, "subject");
    differs |= subject.n > 0 && !str_eq(subject, get(json_object_get(body, "subject"), "id"));
    c->differing += differs;
}

/* --- identity --- */

/* The key of an item named by (source, id); false: it claims to be an identity and is none. */
static bool item_key(str source, str id, struct buf *out, struct identity *ret_identity,
                     const char **ret_reason)
{
    buf_clear(out);
    *ret_identity = (struct identity){0};
    if (identity_claims(id)) {
        if (!identity_parse(id, ret_identity, ret_reason)) {
            return false;
        }
        identity_key(ret_identity, out);
    } else if (str_starts(id, STR("pkg:"))) { /* a package URL is the same everywhere */
        identity_decode(id, out);
    } else {
        buf_add(out, source);
        buf_putc(out, '/');
        buf_add(out, id);
    }
    return true;
}

/* An item that the content names, {"id", "source"} or a text; 0: it names none. */
static item_id named_item(struct cdevents *c, const struct cdevent *e, const char *type,
                          const json_t *reference)
{
    str id = json_is_string(reference) ? json_text(reference) : get(reference, "id");
    str source = get(reference, "source");
    struct identity identity;
    if (id.n == 0 || !item_key(source.n > 0 ? source : e->source, id, &c->other, &identity, NULL)) {
        return 0;
    }
    return names_item(c->options.names, names_sym(c->options.names, str_of(type)),
                      buf_str(&c->other));
}

static bool find_item(struct cdevents *c, struct cdevent *e)
{
    struct identity identity;
    const char *reason = NULL;
    if (!item_key(e->subject_source, e->subject_id, &c->key, &identity, &reason)) {
        cdevents_reject(c, "subject.id", "bad identity: %s", reason);
        return false;
    }
    str type = STR("unknown");
    if (e->deployment) { /* the subject is the service: the deployment has no id of its own */
        char text[CLOCK_TEXT];
        type = STR("deployment");
        str environment = get(json_object_get(e->content, "environment"), "id");
        buf_addf(&c->key, "@" STR_FMT "@%s", STR_ARG(environment), clock_text(e->time, text));
    } else if (e->of != NULL) {
        type = e->of->item;
    } else if (identity.type.n > 0) {
        type = identity_item_type(&identity);
    }
    e->item = names_item(c->options.names, names_sym(c->options.names, type), buf_str(&c->key));
    return true;
}

static id128 fact_key(struct cdevents *c, const struct cdevent *e)
{
    str parts[] = {e->source, e->id, e->type, buf_str(&c->key)};
    if (str_eq(e->id, STR("0"))) { /* left there by transformers */
        c->no_id++;
        parts[1] = (str){0};
    }
    struct buf *text = &c->other;
    buf_clear(text);
    for (size_t i = 0; i < 4; i++) {
        buf_add(text, parts[i]);
        buf_putc(text, '\0');
    }
    buf_add_bytes(text, &e->time, sizeof e->time);
    return id128_of(text->p, text->n);
}

/* --- type --- */

static void split_type(struct cdevent *e)
{
    static const str PLAIN = STR_INIT("dev.cdevents."), CUSTOM = STR_INIT("dev.cdeventsx.");
    str rest = str_starts(e->type, PLAIN)    ? str_from(e->type, PLAIN.n)
               : str_starts(e->type, CUSTOM) ? str_from(e->type, CUSTOM.n)
                                             : (str){0};
    if (rest.n == 0 || !str_cut(&rest, '.', &e->name) || !str_cut(&rest, '.', &e->predicate)) {
        e->name = e->predicate = (str){0};
        return;
    }
    bool custom = str_starts(e->type, CUSTOM);
    for (size_t i = 0; i < sizeof SUBJECTS / sizeof *SUBJECTS; i++) {
        bool ours = str_find_char(SUBJECTS[i].name, '-') < SUBJECTS[i].name.n;
        if (custom == ours && str_eq(e->name, SUBJECTS[i].name)) {
            e->of = &SUBJECTS[i];
        }
    }
    bool deploys = str_eq(e->predicate, STR("deployed")) || str_eq(e->predicate, STR("upgraded")) ||
                   str_eq(e->predicate, STR("rolledback"));
    e->deployment = e->of != NULL && str_eq(e->name, STR("service")) && deploys;
    e->moved = e->of != NULL && custom && str_eq(e->predicate, STR("moved"));
    if (custom && !e->moved) {
        e->of = NULL;
    }
}

static uint8_t life_of_predicate(str predicate)
{
    static const struct {
        str word;
        enum life life;
    } LIVES[] = {
        {STR_INIT("queued"), LIFE_SCHEDULE},   {STR_INIT("started"), LIFE_START},
        {STR_INIT("finished"), LIFE_COMPLETE}, {STR_INIT("skipped"), LIFE_CANCEL},
        {STR_INIT("created"), LIFE_SCHEDULE},  {STR_INIT("closed"), LIFE_COMPLETE},
    };
    for (size_t i = 0; i < sizeof LIVES / sizeof *LIVES; i++) {
        if (str_eq(predicate, LIVES[i].word)) {
            return (uint8_t)LIVES[i].life;
        }
    }
    return LIFE_OTHER;
}

/* --- attributes: few, and neither persons nor prose --- */

static void attr(struct cdevents *c, const char *name, str value)
{
    if (value.n > 0) {
        buf_putc(&c->attrs, c->attrs.n == 0 ? '{' : ',');
        json_quote(&c->attrs, str_of(name));
        buf_putc(&c->attrs, ':');
        json_quote(&c->attrs, value);
    }
}

static void content_attrs(struct cdevents *c, const struct cdevent *e)
{
    static const char *const FIELDS[] = {
        "outcome",  "artifactId", "ticketType",   "group",    "priority",  "resolution",
        "decision", "status",     "pipelineName", "taskName", "milestone", "itemType",
        "board",    "outputType", "format",       "uri",      "url"};
    static const char *const OBJECTS[] = {"environment", "service",  "repository", "change",
                                          "pipelineRun", "testCase", "testSuite",  "trigger"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        attr(c, FIELDS[i], get(e->content, FIELDS[i]));
    }
    for (size_t i = 0; i < sizeof OBJECTS / sizeof *OBJECTS; i++) {
        const json_t *object = json_object_get(e->content, OBJECTS[i]);
        attr(c, OBJECTS[i], get(object, json_object_get(object, "id") != NULL ? "id" : "type"));
    }
    if (e->deployment) {
        attr(c, "service", e->subject_id);
        attr(c, "kind", str_eq(e->predicate, STR("rolledback")) ? STR("rollback") : STR("release"));
    }
    attr(c, "chainId", get(e->context, "chainId"));
}

static void moved_attrs(struct cdevents *c, const struct cdevent *e)
{
    static const str CATEGORIES[] = {STR_INIT("new"),    STR_INIT("waiting"),
                                     STR_INIT("active"), STR_INIT("blocked"),
                                     STR_INIT("done"),   STR_INIT("cancelled")};
    const json_t *from = json_get_object(e->content, "from"),
                 *to = json_get_object(e->content, "to");
    attr(c, "from", e->from);
    attr(c, "to", e->to);
    str category = get(to, "category");
    bool known = category.n == 0;
    for (size_t i = 0; i < sizeof CATEGORIES / sizeof *CATEGORIES; i++) {
        if (str_eq(category, CATEGORIES[i])) {
            attr(c, "category", category);
            known = true;
        }
    }
    c->categories += !known;
    attr(c, "from_id", get(from, "id"));
    attr(c, "to_id", get(to, "id"));
    attr(c, "from_category", get(from, "category"));
}

static sym actor(struct cdevents *c, const struct cdevent *e)
{
    static const char *const FIELDS[] = {"actor",     "updatedBy", "creator",
                                         "responder", "requestor", "user"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        str who = get(e->content, FIELDS[i]);
        if (str_starts(who, STR("hmac:"))) { /* a pseudonym already */
            return names_sym(c->options.names, str_from(who, 5));
        }
        if (who.n > 0) {
            return source_actor(&c->options, who);
        }
    }
    return 0;
}

/* --- relations --- */

static void refer(struct cdevents *c, const struct cdevent *e, uint32_t row)
{
    static const struct {
        const char *field, *type;
    } FIELDS[] = {
        {"environment", "environment"}, {"service", "service"}, {"repository", "repository"},
        {"artifactId", "artifact"},     {"change", "change"},   {"pipelineRun", "run"},
        {"testSuiteRun", "run"},        {"testCaseRun", "job"},
    };
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        item_id item =
            named_item(c, e, FIELDS[i].type, json_object_get(e->content, FIELDS[i].field));
        if (item != 0 && item != e->item) {
            batch_refer(c->batch, row, item, names_sym(c->options.names, str_of(FIELDS[i].field)));
        }
    }
    if (e->deployment) {
        item_id service = named_item(c, e, "service", e->subject);
        if (service != 0) {
            batch_refer(c->batch, row, service, names_sym(c->options.names, STR("service")));
        }
    }
}

static void add_link(struct cdevents *c, const struct cdevent *e, item_id from, item_id to,
                     const char *kind)
{
    if (from != 0 && to != 0 && from != to) {
        batch_link(c->batch, (struct link){from, to, names_sym(c->options.names, str_of(kind)),
                                           names_sym(c->options.names, STR("stated")), 1, e->key});
    }
}

static void content_links(struct cdevents *c, const struct cdevent *e)
{
    static const char *const WHOLES[][2] = {
        {"pipelineRun", "run"}, {"testSuiteRun", "run"}, {"testCaseRun", "job"}};
    item_id artifact = named_item(c, e, "artifact", json_object_get(e->content, "artifactId"));
    if (e->deployment) {
        add_link(c, e, artifact, e->item, "deploys");
    } else if (e->of != NULL && str_eq(e->name, STR("build"))) {
        add_link(c, e, e->item, artifact, "builds");
    }
    if (e->of != NULL && str_eq(e->name, STR("artifact"))) {
        const json_t *change = json_object_get(e->content, "change");
        add_link(c, e, named_item(c, e, "change", change), e->item, "part_of");
    }
    for (size_t i = 0; i < 3; i++) {
        const json_t *whole = json_object_get(e->content, WHOLES[i][0]);
        add_link(c, e, e->item, named_item(c, e, WHOLES[i][1], whole), "part_of");
    }
}

static const char *link_kind(str kind)
{
    if (str_eq_case(kind, STR("causedBy"))) {
        return "caused_by";
    }
    bool triggers = str_eq_case(kind, STR("TRIGGER")) || str_eq_case(kind, STR("triggeredBy"));
    return triggers ? "triggers" : "related";
}

/* PATH and END say what came before (`from`), RELATION what else belongs here (`target`). */
static void context_links(struct cdevents *c, const struct cdevent *e)
{
    const json_t *links = json_get_array(e->context, "links"), *link;
    size_t i;
    json_array_foreach(links, i, link)
    {
        const json_t *target = json_get_object(link, "target");
        target = target != NULL ? target : json_get_object(link, "from");
        const char *kind = link_kind(get(link, "linkKind"));
        str id = get(target, "contextId"), domain = get(target, "domainId");
        struct identity identity;
        if (domain.n > 0 && identity_parse(domain, &identity, NULL)) {
            buf_clear(&c->other);
            identity_key(&identity, &c->other);
            sym type = names_sym(c->options.names, identity_item_type(&identity));
            add_link(c, e, e->item, names_item(c->options.names, type, buf_str(&c->other)), kind);
        } else if (id.n > 0) {
            VEC_ADD(&c->pending,
                    (struct cdevents_pending){e->item, names_sym(c->options.names, str_of(kind)),
                                              cdevents_id(c, id), e->key});
        }
    }
}

/* --- one record --- */

static bool need(struct cdevents *c, const json_t *object, const char *key, const char *path,
                 str *ret)
{
    if (json_get_str(object, key, ret) && ret->n > 0) {
        return true;
    }
    cdevents_reject(c, path, "there is no %s", path);
    return false;
}

static bool read_time(struct cdevents *c, const char *path, str text, when *ret)
{
    struct stamp stamp;
    const char *reason = NULL;
    if (!stamp_parse(text, c->options.zone, &stamp, &reason)) {
        cdevents_reject(c, path, "\"" STR_FMT "\" is not a date (%s)", STR_ARG(str_first(text, 60)),
                        reason);
        return false;
    }
    if (!stamp.has_zone && c->options.zone == NULL) {
        cdevents_reject(c, path, "\"" STR_FMT "\" has no zone, and none is set",
                        STR_ARG(str_first(text, 60)));
        return false;
    }
    *ret = stamp.time;
    return true;
}

static bool read_context(struct cdevents *c, struct cdevent *e)
{
    str stamp, old = get(e->context, "version"), new = get(e->context, "specversion");
    if (old.n > 0 && new.n > 0 && !str_eq(old, new)) {
        cdevents_reject(c, "context.specversion", "version and specversion differ");
        return false;
    }
    if (!need(c, e->context, "id", "context.id", &e->id) ||
        !need(c, e->context, "source", "context.source", &e->source) ||
        !need(c, e->context, "type", "context.type", &e->type) ||
        !need(c, e->context, "timestamp", "context.timestamp", &stamp) ||
        !read_time(c, "context.timestamp", stamp, &e->time) ||
        !need(c, e->subject, "id", "subject.id", &e->subject_id)) {
        return false;
    }
    e->subject_source = get(e->subject, "source");
    if (e->subject_source.n == 0) {
        e->subject_source = e->source;
    }
    split_type(e);
    return true;
}

static str name_or_id(const json_t *stage)
{
    str name = get(stage, "name");
    return name.n > 0 ? name : get(stage, "id");
}

static bool read_move(struct cdevents *c, struct cdevent *e)
{
    e->to = name_or_id(json_get_object(e->content, "to"));
    e->from = name_or_id(json_get_object(e->content, "from"));
    if (e->to.n == 0) {
        cdevents_reject(c, "subject.content.to", "the move has no \"to\"");
        return false;
    }
    return true;
}

/* Another board or category of the same status is no move. */
static bool stays(const struct cdevent *e)
{
    const json_t *from = json_get_object(e->content, "from"),
                 *to = json_get_object(e->content, "to");
    str before = get(from, "id"), after = get(to, "id");
    return before.n > 0 ? str_eq(before, after) : str_eq(e->from, e->to);
}

static void remember(struct cdevents *c, const struct cdevent *e)
{
    uint32_t number = cdevents_id(c, e->id);
    if (number == 0) {
        return;
    }
    struct cdevents_about *about = &c->about.v[number];
    about->several |= about->item != 0 && about->item != e->item;
    about->item = e->item;
}

static void give(struct cdevents *c, struct cdevent *e)
{
    struct names *names = c->options.names;
    struct event event = {.key = e->key,
                          .item = e->item,
                          .time = e->time,
                          .begin = WHEN_NONE,
                          .life = LIFE_NONE,
                          .quality = TIME_OWN,
                          .actor = actor(c, e)};
    buf_clear(&c->attrs);
    if (e->moved) {
        moved_attrs(c, e);
        event.type = names_sym(names, stays(e) ? STR("issue") : e->of->fact);
        event.activity = names_sym(names, stays(e) ? STR("updated") : e->to);
    } else if (e->of != NULL) {
        event.type = names_sym(names, e->deployment ? STR("deployment") : e->of->fact);
        event.activity = names_sym(names, e->of->spans ? e->name : e->predicate);
        event.life = e->of->spans ? life_of_predicate(e->predicate) : LIFE_NONE;
    } else {
        c->unmapped++;
        event.type = names_sym(names, e->type);
        event.activity = names_sym(names, e->predicate.n > 0 ? e->predicate : e->type);
    }
    content_attrs(c, e);
    buf_add(&c->attrs, c->attrs.n > 0 ? STR("}") : STR(""));
    event.attrs = buf_str(&c->attrs);
    if (e->time < EARLIEST || e->time > clock_now() + DAY) {
        event.quality = TIME_BAD;
        c->absurd++;
    }
    uint32_t row = batch_add(c->batch, &event);
    refer(c, e, row);
    content_links(c, e);
    context_links(c, e);
    remember(c, e);
}

static void read_body(struct cdevents *c, const json_t *body)
{
    struct cdevent e = {.context = json_get_object(body, "context"),
                        .subject = json_get_object(body, "subject")};
    e.content = json_get_object(e.subject, "content");
    if (!read_context(c, &e) || (e.moved && !read_move(c, &e)) || !find_item(c, &e)) {
        return;
    }
    e.key = fact_key(c, &e);
    give(c, &e);
}

/* A CloudEvent of another kind: kept, unmapped. */
static void read_foreign(struct cdevents *c, const json_t *envelope)
{
    struct cdevent e = {0};
    str stamp;
    if (!need(c, envelope, "id", "id", &e.id) ||
        !need(c, envelope, "source", "source", &e.source) ||
        !need(c, envelope, "type", "type", &e.type) || !need(c, envelope, "time", "time", &stamp) ||
        !read_time(c, "time", stamp, &e.time)) {
        return;
    }
    str subject = get(envelope, "subject");
    e.subject_id = subject.n > 0 ? subject : e.id;
    e.subject_source = e.source;
    if (find_item(c, &e)) {
        e.key = fact_key(c, &e);
        give(c, &e);
    }
}

void cdevents_record(struct cdevents *c, const json_t *json)
{
    if (json_get_object(json, "context") != NULL) {
        read_body(c, json);
        return;
    }
    if (json_object_get(json, "specversion") == NULL) {
        cdevents_reject(c, "context", "this is neither a CDEvent nor a CloudEvent");
        return;
    }
    json_t *data = unwrap(c, json);
    const json_t *context = json_get_object(data, "context");
    if (context != NULL) {
        compare(c, json, data);
        read_body(c, data);
    } else if (str_starts(get(json, "type"), STR("dev.cdevents"))) {
        cdevents_reject(c, "data", "the envelope has no CDEvent in it");
    } else {
        read_foreign(c, json);
    }
    json_decref(data);
}
