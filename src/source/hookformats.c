/* The formats of saved deliveries, one a tool: adding one is an entry here and a line in
 * formats.c. */
#include "source/buildbotdb.h"
#include "source/hookfile.h"

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

#define FORMAT(NAME, word, hook, ...)                                                              \
    static status_code open_##NAME(const char *const *paths, size_t n,                             \
                                   const struct source_options *options,                           \
                                   struct source **ret_source, struct error *why)                  \
    {                                                                                              \
        return hookfile_open(&hook, &SOURCE_##NAME, paths, n, options, ret_source, why);           \
    }                                                                                              \
    static int guess_##NAME(str head, const char *path)                                            \
    {                                                                                              \
        return hookfile_guess(head, path, (const char *const *const[]){__VA_ARGS__, NULL});        \
    }                                                                                              \
    const struct source_format SOURCE_##NAME = {                                                   \
        .name = word,                                                                              \
        .guess = guess_##NAME,                                                                     \
        .open = open_##NAME,                                                                       \
        .next = hookfile_next,                                                                     \
        .cursor = hookfile_cursor,                                                                 \
        .close = hookfile_close,                                                                   \
    }

FORMAT(GITHUB, "github", HOOK_GITHUB, WORDS("\"X-GitHub-Event\""),
       WORDS("\"node_id\"", "\"action\""), WORDS("\"node_id\"", "\"repository\""),
       WORDS("\"node_id\"", "/repos/"));
FORMAT(GITLAB, "gitlab", HOOK_GITLAB, WORDS("\"object_kind\""), WORDS("\"iid\"", "\"web_url\""),
       WORDS("\"X-Gitlab-Event\""));
FORMAT(PAGERDUTY, "pagerduty", HOOK_PAGERDUTY, WORDS("\"event_type\"", "\"incident."),
       WORDS("\"event_type\"", "\"occurred_at\""), WORDS("\"incident_number\"", "\"urgency\""));
FORMAT(JIRA, "jira", HOOK_JIRA, WORDS("webhookEvent", "jira:"),
       WORDS("\"histories\"", "\"changelog\""), WORDS("\"fieldtype\"", "\"fromString\""),
       WORDS("\"statusCategory\"", "\"fields\""), WORDS("\"statusCategory\"", "\"iconUrl\""));
FORMAT(REDMINE, "redmine", HOOK_REDMINE, WORDS("\"issue\"", "\"tracker\"", "\"created_on\""),
       WORDS("\"issues\"", "\"tracker\"", "\"created_on\""),
       WORDS("\"issue_statuses\"", "\"is_closed\""),
       WORDS("\"projects\"", "\"identifier\"", "\"created_on\""));
FORMAT(JENKINS, "jenkins", HOOK_JENKINS, WORDS("\"_class\"", "hudson.", "\"timestamp\""),
       WORDS("\"_class\"", "org.jenkinsci.", "\"timestamp\""),
       WORDS("\"startTimeMillis\"", "\"durationMillis\"", "\"status\""));
/* Any JSON: it must be asked for. */
FORMAT(MAPPED, "mapped", HOOK_MAPPED, NULL);

/* Posted bodies, or the database of a master. */
static status_code open_buildbot(const char *const *paths, size_t n,
                                 const struct source_options *options, struct source **ret_source,
                                 struct error *why)
{
    return hookfile_open(&HOOK_BUILDBOT, &SOURCE_BUILDBOT, paths, n, options, ret_source, why);
}

static int guess_buildbot(str head, const char *path)
{
    enum { SURE = 92 };
    if (str_starts(head, STR("SQLite format 3"))) {
        return buildbotdb_is(path) ? SURE : 0;
    }
    return hookfile_guess(head, path,
                          (const char *const *const[]){WORDS("builderid", "buildrequestid"), NULL});
}

const struct source_format SOURCE_BUILDBOT = {.name = "buildbot",
                                              .guess = guess_buildbot,
                                              .open = open_buildbot,
                                              .next = hookfile_next,
                                              .cursor = hookfile_cursor,
                                              .close = hookfile_close};
