/* Every key of weir.yaml, once. What is read, checked, shown and explained comes from these rows.
 */
#include "engine/config_tree.h"

#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>

#define AT(type, member) (uint16_t) offsetof(type, member)
#define TEXT(path, type, member, purpose, example)                                                 \
    {                                                                                              \
        path, "text", purpose, NULL, example, NULL, KEY_TEXT, AT(type, member), NULL               \
    }
#define WORD(path, type, member, words, purpose)                                                   \
    {                                                                                              \
        path, "word", purpose, words, NULL, NULL, KEY_TEXT, AT(type, member), NULL                 \
    }
#define TEXTS(path, type, member, purpose, example)                                                \
    {                                                                                              \
        path, "list of texts", purpose, NULL, example, NULL, KEY_TEXTS, AT(type, member), NULL     \
    }
#define WHOLE(path, member, purpose)                                                               \
    {                                                                                              \
        path, "whole number", purpose, NULL, NULL, NULL, KEY_WHOLE, AT(struct config, member),     \
            NULL                                                                                   \
    }
#define GROUP(path, also, purpose)                                                                 \
    {                                                                                              \
        path, "mapping", purpose, NULL, NULL, also, KEY_GROUP, 0, NULL                             \
    }
#define MOVED(path, type, purpose, example, also)                                                  \
    {                                                                                              \
        path, type, purpose, NULL, example, also, KEY_MOVED, 0, NULL                               \
    }
#define SHAPED(path, type, kind, member, shape, purpose)                                           \
    {                                                                                              \
        path, type, purpose, NULL, NULL, NULL, kind, AT(struct config, member), shape              \
    }

static const struct config_shape STREAM = {sizeof(struct config_stream),
                                           AT(struct config_stream, name),
                                           AT(struct config_stream, origin), 0};
static const struct config_shape STAGE = {
    sizeof(struct config_stage), AT(struct config_stage, name), AT(struct config_stage, origin), 0};
static const struct config_shape POOL = {sizeof(struct config_pool), AT(struct config_pool, name),
                                         AT(struct config_pool, origin), 0};
static const struct config_shape CALENDAR = {sizeof(struct config_calendar),
                                             AT(struct config_calendar, name),
                                             AT(struct config_calendar, origin), 0};
static const struct config_shape TEAM = {sizeof(struct config_team), AT(struct config_team, name),
                                         AT(struct config_team, origin), 0};
static const struct config_shape SOURCE = {sizeof(struct config_source),
                                           AT(struct config_source, name),
                                           AT(struct config_source, origin), 0};
static const struct config_shape RULE = {sizeof(struct config_rule), AT(struct config_rule, metric),
                                         AT(struct config_rule, origin),
                                         AT(struct config_rule, rule)};

#define CATEGORIES "active|new|waiting|blocked|gate|done|cancelled"
#define DONE "in_use|deployed|released|merged|closed"

const struct config_key config_schema[] = {
    TEXT("store", struct config, store,
         "the store: a file (relative to this one); a project's file may name one inside of the "
         "project only",
         ".weir/store.duckdb"),
    {"timezone", "text", "zone in which times without one are read, and in which times show", NULL,
     "Europe/Berlin", "time_zone", KEY_TEXT, AT(struct config, timezone), NULL},
    WORD("clock", struct config, clock, "wall|work", "which clock leads"),
    WORD("output", struct config, output, "table|plain|json|jsonl|csv|md", "shape of the answers"),
    WORD("color", struct config, color, "auto|always|never", "colours on the terminal"),
    {"ascii", "true or false", "charts without block characters", NULL, NULL, NULL, KEY_FLAG,
     AT(struct config, ascii), NULL},
    {"last", "duration", "how far back answers look when nothing else is asked for", NULL, "90d",
     NULL, KEY_SPAN, AT(struct config, last), NULL},
    {"timeout", "duration", "how long an answer may take", NULL, "30s", NULL, KEY_SPAN,
     AT(struct config, timeout), NULL},
    WHOLE("threads", threads, "cores that the store may use; without it 2"),
    TEXT("stream", struct config, stream,
         "the value stream to look at when none is asked for; without it the first", "lobby"),
    MOVED("items", "text", "of the stream named by `stream`: see streams.NAME.items", "issue",
          "trace"),
    MOVED("stages", "list of mappings", "of the stream named by `stream`: see streams.NAME.stages",
          NULL, NULL),
    MOVED("done", "word", "of the stream named by `stream`: see streams.NAME.done", "in_use", NULL),
    MOVED("ignore", "list of texts", "of the stream named by `stream`: see streams.NAME.ignore",
          "[\"verdict:*\"]", NULL),
    SHAPED("streams.*", "mapping by name", KEY_NAMED, streams, &STREAM, "value streams"),
    {"streams.*.items", "text", "kind of item that is the trace", NULL, "issue", "trace", KEY_TEXT,
     AT(struct config_stream, items), NULL},
    {"streams.*.stages[]", "list of mappings",
     "stages in their order; an event belongs to the first that matches", NULL, NULL, NULL,
     KEY_EACH, AT(struct config_stream, stages), &STAGE},
    TEXT("streams.*.stages[].name", struct config_stage, name, "name of the stage", "QA"),
    TEXT("streams.*.stages[].team", struct config_stage, team, "team that owns the stage", "qa"),
    WORD("streams.*.stages[].category", struct config_stage, category, CATEGORIES,
         "what happens in it; a gate lets items through at certain moments only"),
    GROUP("streams.*.stages[].match", NULL,
          "events that enter the stage: all that is given must match, * stands for any text; "
          "without it the activity of the stage's name"),
    TEXTS("streams.*.stages[].match.type", struct config_stage, match.type, "kinds of event",
          "issue.status"),
    {"streams.*.stages[].match.activity", "list of texts", "activities", NULL, "[Testing]", NULL,
     KEY_TEXTS, AT(struct config_stage, match.activity), NULL},
    TEXTS("streams.*.stages[].match.to", struct config_stage, match.to, "new values of a status",
          "[\"In test\"]"),
    TEXTS("streams.*.stages[].match.from", struct config_stage, match.from,
          "old values of a status", "[New]"),
    TEXTS("streams.*.stages[].match.actor", struct config_stage, match.actor, "who", NULL),
    TEXTS("streams.*.stages[].match.team", struct config_stage, match.team, "teams", NULL),
    TEXTS("streams.*.stages[].from", struct config_stage, match.activity,
          "statuses that make up the stage; short for match.activity", "[\"In Progress\"]"),
    TEXTS("streams.*.stages[].waiting", struct config_stage, waiting,
          "activities that are the queue before the stage", "[\"Ready for test\"]"),
    WORD("streams.*.done", struct config_stream, done, DONE, "when an item is finished"),
    TEXTS("streams.*.ignore", struct config_stream, ignore,
          "activities that are not looked at; * stands for any text", "[\"verdict:*\", comment]"),
    SHAPED("pools.*", "mapping by name", KEY_NAMED, pools, &POOL,
           "people who serve one stage or several"),
    {"pools.*.people", "number", "how many there are", NULL, "3", NULL, KEY_NUMBER,
     AT(struct config_pool, people), NULL},
    TEXTS("pools.*.stages", struct config_pool, stages, "stages that they serve", "[QA]"),
    TEXT("pools.*.calendar", struct config_pool, calendar, "their working hours", "office"),
    SHAPED("calendars.*", "mapping by name", KEY_NAMED, calendars, &CALENDAR, "working hours"),
    TEXT("calendars.*.zone", struct config_calendar, zone, "time zone; without it `timezone`",
         "Europe/Berlin"),
    TEXT("calendars.*.days", struct config_calendar, days,
         "days of the week for hours that name none; without it mon-fri", "mon-fri"),
    TEXT("calendars.*.hours", struct config_calendar, hours, "when work is done",
         "\"Mon-Fri 09:00-17:00, Sat 09:00-12:00\""),
    TEXTS("calendars.*.holidays", struct config_calendar, holidays, "days without work",
          "[2026-12-25]"),
    TEXTS("calendars.*.extra", struct config_calendar, extra,
          "hours of work on one day, in place of its usual ones", "[\"2026-11-28 10:00-14:00\"]"),
    TEXTS("calendars.*.freeze", struct config_calendar, freeze, "days without work, first and last",
          "[2026-12-20..2027-01-02]"),
    SHAPED("teams.*", "mapping by name", KEY_NAMED, teams, &TEAM, "teams"),
    TEXTS("teams.*.members", struct config_team, members, "who belongs to it", NULL),
    TEXT("teams.*.calendar", struct config_team, calendar, "its working hours", "office"),
    GROUP("links", "link", "how items are linked"),
    TEXT("links.pattern", struct config, link_pattern,
         "regular expression of the keys of items in commit messages and branch names",
         "'\\b([A-Z]+-\\d+)\\b'"),
    {"links.window", "duration", "how long after a deployment an incident is laid at its door",
     NULL, "24h", NULL, KEY_LAPSE, AT(struct config, link_window), NULL},
    SHAPED("sources[]", "list of mappings", KEY_EACH, sources, &SOURCE,
           "where events come from; also as a mapping by name"),
    TEXT("sources[].name", struct config_source, name, "its name; without it its kind", "forge"),
    TEXT("sources[].kind", struct config_source, kind, "git, csv, github, gitlab, jira, …",
         "github"),
    TEXT("sources[].path", struct config_source, path, "file or folder, relative to this file",
         "."),
    TEXT("sources[].url", struct config_source, url, "address of the service", NULL),
    TEXT("sources[].token_file", struct config_source, token_file,
         "file that holds the token for the service at url, relative to this file", NULL),
    {"sources[].poll", "duration",
     "how often the service at url is asked for what is new (default "
     "1m)",
     NULL, "5m", NULL, KEY_LAPSE, AT(struct config_source, poll), NULL},
    TEXT("sources[].repository", struct config_source, repository, "which repository of a forge",
         "acme/shop"),
    TEXT("sources[].map", struct config_source, map, "mapping file, relative to this file", NULL),
    TEXT("sources[].secret_file", struct config_source, secret_file,
         "file that holds the token or secret, relative to this file", NULL),
    TEXT("sources[].secret_env", struct config_source, secret_env, "variable that holds it", NULL),
    TEXT("sources[].secret_credential", struct config_source, secret_credential,
         "name of a credential of systemd that holds it", "github"),
    SHAPED("rules.*", "mapping by name", KEY_PAIRS, rules, &RULE, "which rule computes a metric"),
    GROUP("privacy", NULL, "how persons are shown"),
    WORD("privacy.actors", struct config, privacy_actors, "pseudonym|plain",
         "names of persons as pseudonyms, or as they are"),
    WHOLE("privacy.minimum_group", minimum_group, "smallest group of persons that has figures"),
    GROUP("gate", NULL, "limits that `weir gate` holds metrics against"),
    SHAPED("gate.max.*", "mapping by name", KEY_PAIRS, gate_max, &RULE,
           "metrics that must not exceed a value"),
    SHAPED("gate.min.*", "mapping by name", KEY_PAIRS, gate_min, &RULE,
           "metrics that must not fall below a value"),
    GROUP("serve", NULL, "the server; not in a project's file unless it is trusted"),
    TEXT("serve.listen", struct config, serve_listen, "address and port", "127.0.0.1:8080"),
    TEXTS("serve.hosts", struct config, serve_hosts,
          "names under which it is reached, beside the address and localhost",
          "[weir.example.org]"),
    TEXTS("serve.cors", struct config, serve_cors, "origins whose pages may read the answers",
          "[\"https://wiki.example.org\"]"),
    {"serve.insecure_http", "true or false",
     "plain HTTP on an address that others reach, because a proxy in front does TLS", NULL, NULL,
     NULL, KEY_FLAG, AT(struct config, serve_insecure_http), NULL},
    GROUP("serve.proxy", NULL, "a proxy in front that knows who its users are"),
    TEXT("serve.proxy.user_header", struct config, proxy_user_header,
         "the header in which it names the user", "X-Forwarded-User"),
    TEXTS("serve.proxy.trusted", struct config, proxy_trusted,
          "addresses of the proxy; from others the header counts for nothing", "[10.2.0.0/16]"),
    TEXT("serve.proxy.secret_header", struct config, proxy_secret_header,
         "header in which it proves itself; needed where it runs on this machine", "X-Weir-Proxy"),
    TEXT("serve.proxy.secret_file", struct config, proxy_secret_file,
         "file that holds what stands in that header, relative to this file", NULL),
    TEXT("serve.proxy.secret_env", struct config, proxy_secret_env, "variable that holds it", NULL),
    TEXT("serve.proxy.secret_credential", struct config, proxy_secret_credential,
         "name of a credential of systemd that holds it", "proxy"),
    GROUP("serve.limits", NULL, "what one client may ask for"),
    WHOLE("serve.limits.head_bytes", serve_head_bytes, "bytes of a head; without it 16384"),
    WHOLE("serve.limits.body_bytes", serve_body_bytes, "bytes of a body; without it 33554432"),
    WHOLE("serve.limits.connections", serve_connections, "connections at once; without it 1024"),
    {NULL, NULL, NULL, NULL, NULL, NULL, KEY_TEXT, 0, NULL},
};

/* The key's own name within its path: "stages" of "streams.*.stages[]". False: not below `path`. */
static bool own_name(const struct config_key *row, const char *path, str *ret)
{
    str rest = str_of(row->path), prefix = str_of(path);
    if (!str_starts(rest, prefix)) {
        return false;
    }
    rest = str_from(rest, prefix.n);
    if (prefix.n > 0) {
        if (!str_starts(rest, STR("."))) {
            return false;
        }
        rest = str_from(rest, 1);
    }
    if (str_ends(rest, STR(".*")) || str_ends(rest, STR("[]"))) {
        rest = str_first(rest, rest.n - 2);
    }
    if (rest.n == 0 || str_find_char(rest, '.') < rest.n) {
        return false;
    }
    *ret = rest;
    return true;
}

const struct config_key *schema_find(const char *path, str key)
{
    for (const struct config_key *row = config_schema; row->path != NULL; row++) {
        str name;
        if (own_name(row, path, &name) &&
            (str_eq(name, key) || (row->also != NULL && str_eq(str_of(row->also), key)))) {
            return row;
        }
    }
    return NULL;
}

str schema_name(const struct config_key *row)
{
    str name = str_of(row->path);
    if (str_ends(name, STR(".*")) || str_ends(name, STR("[]"))) {
        name = str_first(name, name.n - 2);
    }
    for (size_t at = str_find_char(name, '.'); at < name.n; at = str_find_char(name, '.')) {
        name = str_from(name, at + 1);
    }
    return name;
}

str schema_nearest(const char *path, str word)
{
    str names[64];
    size_t n = 0;
    for (const struct config_key *row = config_schema; row->path != NULL && n < 64; row++) {
        if (own_name(row, path, &names[n])) {
            n++;
        }
    }
    const str *best = nearest(word, names, n);
    return best != NULL ? *best : (str){0};
}
