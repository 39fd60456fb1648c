/* Jira: bodies of its webhooks, and answers of its REST API (an issue with its changelog, pages of
 * a search, pages of a changelog, single records of one, the list of statuses). All of them hold
 * the same two things, an issue and records of changes, and go through the same functions.
 *
 * A record of changes has an id, which webhook and REST share, and one item per field. A move is
 * the item of the field `status`. The first status is in no record: it is the one that the first
 * move leaves, without a move the present one.
 *
 * An issue that changes its project changes its key. A fact belongs to the key that the issue had
 * at its time, as the webhook of that time said it, and a link `same` joins both. */
#include "source/teller.h"

#include "source/signature.h"

#include <ctype.h>
#include <string.h>

#define MILLI (SECOND / 1000)

struct jira {
    struct teller t;
    struct hook_words *words;
    struct hook_words own;
    str site, host;   /* of the address of the issue: of the public cloud, or any other */
    str key;          /* that the issue has now */
    const json_t *by; /* who did it */
};

struct record { /* of changes */
    const json_t *items;
    str id; /* may be empty */
    when time;
    str key; /* of the issue at its time */
};

/* --- identity --- */

static bool is_key(str text)
{
    size_t dash = str_find_char(text, '-');
    bool fine = dash > 0 && dash + 1 < text.n && isupper((unsigned char)text.p[0]);
    for (size_t i = 0; fine && i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        fine = i < dash ? isalnum(c) || c == '_' : i == dash || isdigit(c);
    }
    return fine;
}

/* "https://acme.atlassian.net/rest/api/2/issue/10002": the host, and what follows /issue/. */
static void read_address(struct jira *j, str address)
{
    static const str CLOUD = STR_INIT(".atlassian.net"), ISSUE = STR_INIT("/issue/");
    size_t scheme = str_find(address, STR("://"));
    if (scheme == address.n) {
        return;
    }
    str rest = str_from(address, scheme + 3);
    str host = str_first(rest, str_find_char(rest, '/'));
    bool cloud = str_ends(host, CLOUD);
    j->site = cloud ? str_first(host, host.n - CLOUD.n) : (str){0};
    j->host = !cloud ? host : (str){0};
    size_t at = str_find(rest, ISSUE);
    str last = str_from(rest, at + ISSUE.n);
    last = str_first(last, str_find_char(last, '/'));
    if (j->key.n == 0 && at < rest.n && is_key(last)) {
        j->key = last;
    }
}

/* The item of a key; where only the internal number is known, of that. */
static item_id issue_of(struct jira *j, str key)
{
    str configured = j->t.run->options->provider_id;
    j->t.place =
        (struct place){.provider = STR("jira"),
                       .provider_id = configured.n > 0 ? configured : j->host,
                       .space = j->site,
                       .groups = is_key(key) ? str_first(key, str_find_char(key, '-')) : (str){0}};
    return teller_item(&j->t, "issue", "issue", key);
}

static void actor(struct jira *j)
{
    static const char *const IDS[] = {"accountId", "key", "name"};
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        str id = teller_get(j->by, IDS[i]);
        if (id.n > 0) {
            bool app = str_eq(teller_get(j->by, "accountType"), STR("app"));
            teller_actor(&j->t, id, app ? STR("Bot") : STR(""));
            return;
        }
    }
}

/* --- words: names and categories of statuses --- */

static str category_of(str key)
{
    static const str WORDS[][2] = {{STR_INIT("new"), STR_INIT("new")},
                                   {STR_INIT("indeterminate"), STR_INIT("active")},
                                   {STR_INIT("done"), STR_INIT("done")}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq(key, WORDS[i][0])) {
            return WORDS[i][1];
        }
    }
    return (str){0};
}

static void learn_status(struct hook_words *w, const json_t *one)
{
    hook_word_set(w, "category", teller_get(one, "id"),
                  category_of(teller_text(one, "statusCategory.key")));
}

static void learn(struct hook_words *w, const json_t *body)
{
    const json_t *one;
    size_t i;
    learn_status(w, body);
    learn_status(w, teller_at(body, "fields.status"));
    learn_status(w, teller_at(body, "issue.fields.status"));
    json_array_foreach(json_get_array(body, "issues"), i, one)
    {
        learn_status(w, teller_at(one, "fields.status"));
    }
    json_array_foreach(json_get_array(body, "status"), i, one) /* beside the issues: of a fetch */
    {
        learn_status(w, one);
    }
    json_array_foreach(body, i, one)
    {
        learn_status(w, one);
    }
}

/* --- facts --- */

static str own_id(struct jira *j, const struct record *r, str from, str to)
{
    if (r->id.n > 0) {
        return arena_strf(&j->t.text, "record " STR_FMT " " STR_FMT ">" STR_FMT, STR_ARG(r->id),
                          STR_ARG(from), STR_ARG(to));
    }
    return arena_strf(&j->t.text, "second %lld " STR_FMT ">" STR_FMT,
                      (long long)(clock_floor(r->time, SECOND) / SECOND), STR_ARG(from),
                      STR_ARG(to));
}

struct item { /* of a record */
    str field, from, from_name, to, to_name;
};

static struct item read_item(struct jira *j, const json_t *json)
{
    return (struct item){.field = teller_get(json, "field"),
                         .from = str_first(teller_id(&j->t, json_object_get(json, "from")), 500),
                         .from_name = teller_get(json, "fromString"),
                         .to = str_first(teller_id(&j->t, json_object_get(json, "to")), 500),
                         .to_name = teller_get(json, "toString")};
}

static void tell_status(struct jira *j, item_id issue, const struct item *i, when time, str id)
{
    struct teller *t = &j->t;
    teller_fact(t, issue, "issue.status", i->to_name.n > 0 ? i->to_name : i->to, time);
    t->activity_id = i->to;
    teller_attr(t, "from", i->from_name);
    teller_attr(t, "to", i->to_name);
    teller_attr(t, "from_id", i->from);
    teller_attr(t, "to_id", i->to);
    teller_attr(t, "category", hook_word(j->words, "category", i->to));
    actor(j);
    (void)teller_give(&j->t, id);
}

/* A field of which weir keeps when it changed and to what. */
static const struct field {
    const char *field, *set, *unset; /* types of event when it gets a value, and when it loses it */
    const char *attr;                /* gets the value; NULL: a person */
} FIELDS[] = {
    {"assignee", "issue.assigned", "issue.unassigned", NULL},
    {"Flagged", "issue.flagged", "issue.unflagged", "flag"},
    {"Sprint", "issue.sprint", "issue.sprint_removed", "sprint"},
    {"resolution", "issue.resolved", "issue.unresolved", "resolution"},
    {"Fix Version", "issue.milestoned", "issue.demilestoned", "version"},
};

/* Fields that are kept as dated attributes of the issue. */
static const char *const MARKS[][2] = {
    {"issuetype", "type"}, {"priority", "priority"}, {"labels", "labels"}};

static void tell_field(struct jira *j, item_id issue, const struct field *f, const struct item *i,
                       const struct record *r)
{
    struct teller *t = &j->t;
    bool set = i->to.n > 0 || i->to_name.n > 0;
    const char *type = set ? f->set : f->unset;
    teller_fact(t, issue, type, str_from(str_of(type), 6), r->time); /* behind "issue." */
    if (f->attr == NULL) {
        sym person = source_actor(t->run->options, i->to);
        teller_attr(t, "assignee", person != 0 ? names_text(t->names, person) : (str){0});
    } else {
        teller_attr(t, f->attr, set ? i->to_name : i->from_name);
        teller_attr(t, "from_id", i->from);
        teller_attr(t, "to_id", i->to);
    }
    actor(j);
    (void)teller_give(&j->t, own_id(j, r, i->from, i->to));
}

static void tell_edited(struct jira *j, item_id issue, const struct item *i, const struct record *r)
{
    teller_fact(&j->t, issue, "issue.edited", STR("edited"), r->time);
    teller_attr(&j->t, "field", i->field);
    actor(j);
    (void)teller_give(&j->t,
                      arena_strf(&j->t.text, STR_FMT " " STR_FMT, STR_ARG(str_first(i->field, 100)),
                                 STR_ARG(own_id(j, r, i->from, i->to))));
}

/* "This issue blocks SHOP-7", SHOP-7 */
static void tell_link(struct jira *j, item_id issue, const struct item *i, const struct record *r)
{
    bool parent = str_eq(i->field, STR("Epic Link")) || str_eq(i->field, STR("Parent")) ||
                  str_eq(i->field, STR("IssueParentAssociation"));
    str key = is_key(i->to) ? i->to : i->to_name;
    if ((parent || str_eq(i->field, STR("Link"))) && is_key(key)) {
        bool blocks = str_find(i->to_name, STR(" blocks ")) < i->to_name.n;
        tell_edited(j, issue, i, r);
        teller_link(&j->t, issue, issue_of(j, key),
                    parent   ? "part_of"
                    : blocks ? "blocks"
                             : "related",
                    "stated", 1);
    }
}

static void tell_item(struct jira *j, const struct record *r, const json_t *json)
{
    struct item i = read_item(j, json);
    item_id issue = issue_of(j, r->key);
    if (str_eq(i.field, STR("status"))) {
        if (i.to.n == 0 && i.to_name.n == 0) {
            teller_reject(&j->t, "changelog.items.to", "the move has no \"to\"");
            return;
        }
        tell_status(j, issue, &i, r->time, own_id(j, r, i.from, i.to));
    } else if (str_eq(i.field, STR("Key")) && is_key(i.from_name) && is_key(i.to_name)) {
        item_id new = issue_of(j, i.to_name), old = issue_of(j, i.from_name);
        teller_fact(&j->t, old, "issue.transferred", STR("transferred"), r->time);
        actor(j);
        teller_also(&j->t, new, "new");
        if (teller_give(&j->t, own_id(j, r, i.from_name, i.to_name))) {
            teller_link(&j->t, old, new, "same", "stated", 1);
        }
    }
    for (size_t k = 0; k < sizeof FIELDS / sizeof *FIELDS; k++) {
        if (str_eq(i.field, str_of(FIELDS[k].field))) {
            tell_field(j, issue, &FIELDS[k], &i, r);
        }
    }
    for (size_t k = 0; k < sizeof MARKS / sizeof *MARKS; k++) {
        if (str_eq(i.field, str_of(MARKS[k][0]))) {
            tell_edited(j, issue, &i, r);
            teller_mark(&j->t, issue, MARKS[k][1], r->time, i.to_name);
        }
    }
    tell_link(j, issue, &i, r);
}

static void tell_record(struct jira *j, const struct record *r)
{
    size_t i;
    const json_t *one;
    json_array_foreach(r->items, i, one)
    {
        tell_item(j, r, one);
    }
}

/* --- histories --- */

struct history {
    struct record record;
    const json_t *by;
    size_t at;
};

static int by_time(const void *a, const void *b)
{
    const struct history *x = a, *y = b;
    if (x->record.time != y->record.time) {
        return x->record.time < y->record.time ? -1 : 1;
    }
    return x->at < y->at ? -1 : x->at > y->at;
}

static const json_t *find_item(const json_t *items, const char *field)
{
    size_t i;
    const json_t *one;
    json_array_foreach(items, i, one)
    {
        if (str_eq(teller_get(one, "field"), str_of(field))) {
            return one;
        }
    }
    return NULL;
}

/* The records in order of time (Jira Cloud sends the latest first); those without a usable time are
 * rejected. */
static struct history *read_histories(struct jira *j, const json_t *list, size_t *ret_n)
{
    struct history *h = ARENA_ARRAY(&j->t.text, struct history, json_array_size(list) + 1);
    size_t i;
    const json_t *one;
    *ret_n = 0;
    json_array_foreach(list, i, one)
    {
        when time = teller_when(&j->t, json_object_get(one, "created"));
        if (time == WHEN_NONE) {
            teller_reject(&j->t, "changelog.created", "a record of changes has no usable time");
            continue;
        }
        h[(*ret_n)++] =
            (struct history){{json_get_array(one, "items"),
                              teller_id(&j->t, json_object_get(one, "id")), time, j->key},
                             json_get_object(one, "author"),
                             i};
    }
    qsort(h, *ret_n, sizeof *h, by_time);
    return h;
}

/* Which key the issue had when: backwards from now. The key that it was created with. */
static str date_keys(struct jira *j, struct history *h, size_t n)
{
    str key = j->key;
    for (size_t i = n; i-- > 0;) {
        const json_t *moved = find_item(h[i].record.items, "Key");
        str from = teller_get(moved, "fromString");
        key = is_key(from) ? from : key;
        h[i].record.key = key;
    }
    return key;
}

/* Does each move leave the status that the one before entered? */
static void check_chain(struct jira *j, const struct history *h, size_t n)
{
    str at = {0};
    for (size_t i = 0; i < n; i++) {
        const json_t *move = find_item(h[i].record.items, "status");
        str from = teller_id(&j->t, json_object_get(move, "from"));
        if (move != NULL && at.n > 0 && from.n > 0 && !str_eq(at, from)) {
            teller_mark(&j->t, issue_of(j, h[i].record.key), "moves_missing", h[i].record.time,
                        arena_strf(&j->t.text, STR_FMT ">" STR_FMT, STR_ARG(str_first(at, 100)),
                                   STR_ARG(str_first(from, 100))));
        }
        at = move != NULL ? teller_id(&j->t, json_object_get(move, "to")) : at;
    }
}

/* The status from the creation on: `move` is the first one, NULL: none was made. */
static void tell_first(struct jira *j, item_id issue, const json_t *fields, const json_t *move,
                       when created)
{
    struct item i = {.to = teller_text(fields, "status.id"),
                     .to_name = teller_text(fields, "status.name")};
    if (move != NULL) {
        struct item moved = read_item(j, move);
        i.to = moved.from;
        i.to_name = moved.from_name;
    }
    if (i.to.n > 0 || i.to_name.n > 0) {
        j->by = json_get_object(fields, "creator");
        tell_status(j, issue, &i, created, STR("first"));
    }
}

/* What the issue was created with: `change` of that field, or its present value. */
static void mark_first(struct jira *j, item_id issue, const json_t *fields, const struct history *h,
                       size_t n, when created)
{
    for (size_t k = 0; k < 2; k++) { /* labels are a list: only their changes are kept */
        const json_t *change = NULL;
        for (size_t i = 0; i < n && change == NULL; i++) {
            change = find_item(h[i].record.items, MARKS[k][0]);
        }
        str now = teller_get(json_object_get(fields, MARKS[k][0]), "name");
        teller_mark(&j->t, issue, MARKS[k][1], created,
                    change != NULL ? teller_get(change, "fromString") : now);
    }
}

/* --- issues --- */

static void tell_relations(struct jira *j, item_id issue, const json_t *fields)
{
    const json_t *one, *links = json_get_array(fields, "issuelinks");
    size_t i;
    str parent = teller_text(fields, "parent.key");
    if (is_key(parent)) {
        teller_link(&j->t, issue, issue_of(j, parent), "part_of", "stated", 1);
    }
    json_array_foreach(links, i, one)
    {
        str to = teller_text(one, "outwardIssue.key"), from = teller_text(one, "inwardIssue.key");
        bool blocks = str_eq_case(teller_text(one, "type.name"), STR("Blocks"));
        const char *kind = blocks ? "blocks" : "related";
        if (is_key(to)) {
            teller_link(&j->t, issue, issue_of(j, to), kind, "stated", 1);
        } else if (is_key(from)) {
            teller_link(&j->t, issue_of(j, from), issue, kind, "stated", 1);
        }
    }
}

static bool tell_created(struct jira *j, item_id issue, const json_t *fields, when created)
{
    j->by = json_get_object(fields, "creator");
    teller_fact(&j->t, issue, "issue.created", STR("created"), created);
    actor(j);
    return teller_give(&j->t, STR("created"));
}

/* Of an issue with this history; none where it is not known. */
static void tell_comment(struct jira *j, const json_t *comment, const struct history *h, size_t n)
{
    when time = teller_when(&j->t, json_object_get(comment, "created"));
    str id = teller_id(&j->t, json_object_get(comment, "id"));
    size_t i = 0;
    while (h != NULL && i < n && h[i].record.time < time) {
        i++;
    }
    item_id issue = issue_of(j, h != NULL && i < n ? h[i].record.key : j->key);
    if (time != WHEN_NONE && id.n > 0) {
        j->by = json_get_object(comment, "author");
        teller_fact(&j->t, issue, "issue.commented", STR("commented"), time);
        actor(j);
        (void)teller_give(&j->t, id);
    }
}

enum how { BY_REST, AT_CREATION, LATER };

/* An issue by REST, with its changelog or without; at its creation, when it has made no move yet;
 * or of a later webhook, which does not tell what it began as. */
static void tell_issue(struct jira *j, const json_t *issue, enum how how)
{
    const json_t *fields = json_get_object(issue, "fields"), *one;
    const json_t *changelog = json_get_object(issue, "changelog");
    const json_t *list = json_get_array(changelog, "histories");
    const json_t *comments = json_get_array(json_get_object(fields, "comment"), "comments");
    when created = teller_when(&j->t, json_object_get(fields, "created"));
    int64_t total = 0, from = 0;
    size_t n, i;
    struct history *h = read_histories(j, list, &n);
    str first_key = date_keys(j, h, n);
    item_id item = issue_of(j, first_key);
    bool whole = !json_get_i64(changelog, "startAt", &from) || from == 0;
    whole &= !json_get_i64(changelog, "total", &total) || total <= (int64_t)n;
    if (fields != NULL && json_object_get(fields, "created") != NULL && created == WHEN_NONE) {
        teller_reject(&j->t, "fields.created", "the issue has no usable time of creation");
    } else if (created != WHEN_NONE && how != LATER && tell_created(j, item, fields, created)) {
        const json_t *move = NULL;
        for (i = 0; i < n && move == NULL; i++) {
            move = find_item(h[i].record.items, "status");
        }
        if (how == AT_CREATION || (list != NULL && whole)) {
            tell_first(j, item, fields, move, created);
            mark_first(j, item, fields, h, n, created);
        }
        tell_relations(j, issue_of(j, j->key), fields);
    }
    if (whole) {
        check_chain(j, h, n);
    }
    for (i = 0; i < n; i++) {
        j->by = h[i].by;
        tell_record(j, &h[i].record);
    }
    json_array_foreach(comments, i, one)
    {
        tell_comment(j, one, h, n);
    }
}

static bool begin_issue(struct jira *j, const json_t *issue)
{
    j->site = j->host = j->key = (str){0};
    str key = teller_get(issue, "key");
    if (is_key(key)) {
        j->key = key;
    }
    read_address(j, teller_get(issue, "self"));
    if (j->key.n == 0) {
        j->key = teller_id(&j->t, json_object_get(issue, "id"));
    }
    if (issue_of(j, j->key) == 0) {
        teller_reject(&j->t, "issue.key", "the issue has no key");
        return false;
    }
    return true;
}

/* --- webhooks --- */

static void map_webhook(struct jira *j, const json_t *body, str event)
{
    struct teller *t = &j->t;
    const json_t *issue = json_get_object(body, "issue"),
                 *changelog = json_get_object(body, "changelog"),
                 *comment = json_get_object(body, "comment");
    when time = teller_epoch(json_object_get(body, "timestamp"), MILLI);
    bool ours = str_starts(event, STR("jira:issue_")) || str_starts(event, STR("comment_"));
    if (!ours || issue == NULL) {
        if (ours) {
            teller_reject(t, "issue", "there is no issue in the body");
        }
        return;
    }
    if (time == WHEN_NONE) {
        teller_reject(t, "timestamp", "there is no timestamp (a number of milliseconds)");
        return;
    }
    if (!begin_issue(j, issue)) {
        return;
    }
    if (str_starts(event, STR("comment_"))) {
        if (str_eq(event, STR("comment_created")) && comment != NULL) {
            tell_comment(j, comment, NULL, 0);
        }
        return;
    }
    tell_issue(j, issue, str_eq(event, STR("jira:issue_created")) ? AT_CREATION : LATER);
    j->by = json_get_object(body, "user");
    if (str_eq(event, STR("jira:issue_deleted"))) {
        teller_fact(t, issue_of(j, j->key), "issue.deleted", STR("deleted"), time);
        actor(j);
        (void)teller_give(&j->t, STR("deleted"));
    } else if (changelog != NULL) {
        const json_t *items = json_get_array(changelog, "items");
        str from = teller_get(find_item(items, "Key"), "fromString");
        struct record r = {items, teller_id(t, json_object_get(changelog, "id")), time,
                           is_key(from) ? from : j->key};
        tell_record(j, &r);
    }
    if (comment != NULL && str_eq(teller_get(body, "issue_event_type_name"),
                                  STR("issue_commented"))) { /* how Jira Server tells it */
        tell_comment(j, comment, NULL, 0);
    }
}

/* --- REST --- */

/* A record of changes alone, with the number or key of its issue in it. */
static void map_record(struct jira *j, const json_t *body)
{
    static const char *const KEYS[] = {"issueKey", "issue_key", "issueId", "issue_id"};
    when time = teller_when(&j->t, json_object_get(body, "created"));
    for (size_t i = 0; i < 4 && j->key.n == 0; i++) {
        j->key = teller_id(&j->t, json_object_get(body, KEYS[i]));
    }
    if (issue_of(j, j->key) == 0) {
        teller_reject(&j->t, "issue_id", "the record does not say of which issue it is");
        return;
    }
    if (time == WHEN_NONE) {
        teller_reject(&j->t, "created", "the record has no usable time");
        return;
    }
    struct record r = {json_get_array(body, "items"), teller_id(&j->t, json_object_get(body, "id")),
                       time, j->key};
    j->by = json_get_object(body, "author");
    tell_record(j, &r);
}

/* issue/KEY/changelog: {"self": …, "values": [records]} */
static void map_changelog(struct jira *j, const json_t *body, const json_t *values)
{
    size_t n;
    read_address(j, teller_get(body, "self"));
    if (j->key.n == 0) {
        teller_reject(&j->t, "self", "the page does not say of which issue it is: ask by its key");
        return;
    }
    struct history *h = read_histories(j, values, &n);
    (void)date_keys(j, h, n);
    for (size_t i = 0; i < n; i++) {
        j->by = h[i].by;
        tell_record(j, &h[i].record);
    }
}

static void map_object(struct jira *j, const json_t *body)
{
    str event = teller_get(body, "webhookEvent");
    const json_t *issues = json_get_array(body, "issues"), *one,
                 *values = json_get_array(body, "values");
    size_t i;
    if (event.n > 0) {
        map_webhook(j, body, event);
    } else if (issues != NULL) {
        json_array_foreach(issues, i, one)
        {
            if (begin_issue(j, one)) {
                tell_issue(j, one, BY_REST);
            }
        }
    } else if (json_get_object(body, "fields") != NULL) {
        if (begin_issue(j, body)) {
            tell_issue(j, body, BY_REST);
        }
    } else if (values != NULL) {
        map_changelog(j, body, values);
    } else if (json_get_array(body, "items") != NULL && json_object_get(body, "created") != NULL) {
        map_record(j, body);
    } else if (!json_is_object(body)) {
        teller_reject(&j->t, "", "the body is no object");
    }
}

static void map_body(struct jira *j, const json_t *body)
{
    size_t i;
    const json_t *one;
    if (!json_is_array(body)) {
        map_object(j, body);
    }
    json_array_foreach(body, i, one)
    {
        j->site = j->host = j->key = (str){0};
        map_object(j, one);
    }
}

static void map(struct hook_run *run, const struct delivery *d)
{
    struct jira j = {0};
    uint64_t rejected = run->counts.rejected;
    teller_open(&j.t, run, d);
    j.words = run->words != NULL ? run->words : &j.own;
    json_t *body = teller_json(&j.t);
    if (body != NULL) {
        learn(j.words, body);
        map_body(&j, body);
        if (j.t.count == 0 && run->counts.rejected == rejected) {
            teller_unmapped(&j.t);
        }
    }
    json_decref(body);
    teller_close(&j.t);
    hook_words_finish(&j.own);
}

static enum hook_proof verify(const struct delivery *d, const struct hook_secrets *secrets,
                              when now)
{
    (void)now;
    return signature_hex(d, secrets, "X-Hub-Signature", "sha256=");
}

static str id(const struct delivery *d, struct arena *text)
{
    str value = {0};
    (void)text;
    return delivery_header(d, "X-Atlassian-Webhook-Identifier", &value) ? value : (str){0};
}

const struct hook HOOK_JIRA = {.name = "jira",
                               .title = "Jira",
                               .verify = verify,
                               .signs = true,
                               .id = id,
                               .map = map,
                               .learn = learn};
