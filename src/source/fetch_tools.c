/* What there is to fetch from each tool, and how its addresses look. */
#include "source/fetch_parts.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

/* The address without what follows `?` or `#`, and without slashes and ".git" at its end. */
static str trimmed(const char *url)
{
    str s = str_of(url);
    s = str_first(s, str_find_char(s, '?'));
    s = str_first(s, str_find_char(s, '#'));
    while (s.n > 0 && s.p[s.n - 1] == '/') {
        s.n--;
    }
    return str_ends(s, STR(".git")) ? str_first(s, s.n - 4) : s;
}

/* "https://host" and "owner/name" of an address. */
static bool cut(str url, str *ret_host, str *ret_path)
{
    size_t scheme = str_find(url, STR("://"));
    if (scheme == url.n) {
        return false;
    }
    size_t slash = str_find_char(str_from(url, scheme + 3), '/');
    *ret_host = str_first(url, scheme + 3 + slash);
    *ret_path = str_from(url, scheme + 3 + slash + 1);
    return ret_host->n > scheme + 3;
}

static void as_it_is(const char *url, char *ret, unsigned long size)
{
    str s = trimmed(url), host, path;
    snprintf(ret, size, STR_FMT, STR_ARG(cut(s, &host, &path) ? s : (str){0}));
}

static void github_base(const char *url, char *ret, unsigned long size)
{
    str s = trimmed(url), host, path;
    ret[0] = 0;
    if (!cut(s, &host, &path) || path.n == 0) {
        return;
    }
    if (str_find(s, STR("/repos/")) < s.n) { /* an address of the API already */
        snprintf(ret, size, STR_FMT, STR_ARG(s));
    } else if (str_ends(host, STR("://github.com"))) {
        snprintf(ret, size, "https://api.github.com/repos/" STR_FMT, STR_ARG(path));
    } else {
        snprintf(ret, size, STR_FMT "/api/v3/repos/" STR_FMT, STR_ARG(host), STR_ARG(path));
    }
}

static void gitlab_base(const char *url, char *ret, unsigned long size)
{
    str s = trimmed(url), host, path, part;
    ret[0] = 0;
    if (!cut(s, &host, &path) || path.n == 0) {
        return;
    }
    if (str_find(s, STR("/api/v4/projects/")) < s.n) {
        snprintf(ret, size, STR_FMT, STR_ARG(s));
        return;
    }
    int n = snprintf(ret, size, STR_FMT "/api/v4/projects/", STR_ARG(host));
    for (bool first = true; n > 0 && (unsigned long)n < size && str_cut(&path, '/', &part);
         first = false) {
        n += snprintf(ret + n, size - (unsigned long)n, "%s" STR_FMT, first ? "" : "%2F",
                      STR_ARG(part));
    }
}

static void jira_base(const char *url, char *ret, unsigned long size)
{
    str s = trimmed(url), host, path;
    snprintf(ret, size, STR_FMT, STR_ARG(cut(s, &host, &path) ? s : (str){0}));
}

const struct fetch_tool fetch_tools[] = {
    {
        .kind = "redmine",
        .token_header = "X-Redmine-API-Key: %s",
        .since_form = "%Y-%m-%dT%H:%M:%SZ",
        .no_since = "1990-01-01T00:00:00Z",
        .overlap = MINUTE,
        .right = "REST must be enabled in Redmine's settings, and the key's user must see the "
                 "project",
        .base = as_it_is,
        .lists =
            {
                {.name = "issue_statuses",
                 .path = "/issue_statuses.json",
                 .items = "issue_statuses",
                 .is_context = true},
                {.name = "projects",
                 .path = "/projects.json?limit=100&offset={offset}",
                 .paging = PAGING_OFFSET,
                 .per_page = 100,
                 .items = "projects",
                 .is_context = true},
                {.name = "trackers",
                 .path = "/trackers.json",
                 .items = "trackers",
                 .is_context = true,
                 .may_be_missing = true},
                {.name = "issues",
                 .path = "/issues.json?status_id=*&sort=updated_on:asc&limit=100&offset={offset}"
                         "&updated_on=%3E%3D{since}",
                 .paging = PAGING_OFFSET,
                 .per_page = 100,
                 .items = "issues",
                 .id = "id",
                 .updated = "updated_on",
                 .is_index = true,
                 .each = {"/issues/{id}.json?include=journals,changesets,relations"}},
            },
    },
    {
        .kind = "github",
        .token_header = "Authorization: Bearer %s",
        .accept = "application/vnd.github+json",
        .since_form = "%Y-%m-%dT%H:%M:%SZ",
        .no_since = "1990-01-01T00:00:00Z",
        .overlap = MINUTE,
        .right = "the token needs to read this repository's issues, pull requests, actions and "
                 "deployments",
        .base = github_base,
        .lists =
            {
                {.name = "issues",
                 .path = "/issues?state=all&sort=updated&direction=asc&per_page=100&since={since}",
                 .paging = PAGING_LINK,
                 .id = "number",
                 .updated = "updated_at"},
                {.name = "issue_events",
                 .path = "/issues/events?per_page=100",
                 .paging = PAGING_LINK,
                 .id = "id",
                 .updated = "created_at",
                 .newest_first = true},
                {.name = "pulls",
                 .path = "/pulls?state=all&sort=updated&direction=desc&per_page=100",
                 .paging = PAGING_LINK,
                 .id = "number",
                 .updated = "updated_at",
                 .newest_first = true,
                 .each = {"/pulls/{id}/commits?per_page=100", "/pulls/{id}/reviews?per_page=100"}},
                {.name = "runs",
                 .path = "/actions/runs?per_page=100",
                 .paging = PAGING_LINK,
                 .items = "workflow_runs",
                 .id = "id",
                 .updated = "created_at",
                 .newest_first = true,
                 .may_be_missing = true,
                 .each = {"/actions/runs/{id}/jobs?filter=all&per_page=100"}},
                {.name = "deployments",
                 .path = "/deployments?per_page=100",
                 .paging = PAGING_LINK,
                 .id = "id",
                 .updated = "created_at",
                 .newest_first = true,
                 .may_be_missing = true,
                 .each = {"/deployments/{id}/statuses?per_page=100"}},
                {.name = "releases",
                 .path = "/releases?per_page=100",
                 .paging = PAGING_LINK,
                 .id = "id",
                 .updated = "created_at",
                 .newest_first = true,
                 .may_be_missing = true},
            },
    },
    {
        .kind = "gitlab",
        .token_header = "PRIVATE-TOKEN: %s",
        .accept = "application/json",
        .since_form = "%Y-%m-%dT%H:%M:%SZ",
        .no_since = "1990-01-01T00:00:00Z",
        .overlap = MINUTE,
        .right = "the token needs the scope read_api and a member's right in the project",
        .base = gitlab_base,
        .lists =
            {
                {.name = "issues",
                 .path = "/issues?scope=all&order_by=updated_at&sort=asc&per_page=100&"
                         "updated_after={since}",
                 .paging = PAGING_LINK,
                 .id = "iid",
                 .updated = "updated_at",
                 .each = {"/issues/{id}/resource_label_events?per_page=100",
                          "/issues/{id}/resource_state_events?per_page=100"}},
                {.name = "merge_requests",
                 .path = "/merge_requests?scope=all&state=all&order_by=updated_at&sort=asc&"
                         "per_page=100&updated_after={since}",
                 .paging = PAGING_LINK,
                 .id = "iid",
                 .updated = "updated_at",
                 .each = {"/merge_requests/{id}/commits?per_page=100",
                          "/merge_requests/{id}/notes?system=false&per_page=100"}},
                {.name = "pipelines",
                 .path = "/pipelines?order_by=updated_at&sort=asc&per_page=100&"
                         "updated_after={since}",
                 .paging = PAGING_LINK,
                 .id = "id",
                 .updated = "updated_at",
                 .may_be_missing = true,
                 .each = {"/pipelines/{id}", "/pipelines/{id}/jobs?per_page=100"}},
                {.name = "deployments",
                 .path = "/deployments?order_by=updated_at&sort=asc&per_page=100&"
                         "updated_after={since}",
                 .paging = PAGING_LINK,
                 .id = "id",
                 .updated = "updated_at",
                 .may_be_missing = true},
                {.name = "releases",
                 .path = "/releases?per_page=100",
                 .paging = PAGING_LINK,
                 .id = "tag_name",
                 .updated = "created_at",
                 .newest_first = true,
                 .may_be_missing = true},
            },
    },
    {
        .kind = "jira",
        .token_header = "Authorization: %s",
        .accept = "application/json",
        .since_form = "%Y-%m-%d%%20%H:%M",
        .no_since = "1990-01-01%2000:00",
        .overlap = 2 * MINUTE,
        .right =
            "the token file holds the whole value of the header Authorization: \"Bearer …\", or "
            "\"Basic …\" of address:token; its user must see the projects",
        .base = jira_base,
        .lists =
            {
                {.name = "status",
                 .path = "/rest/api/2/status",
                 .is_context = true,
                 .may_be_missing = true},
                {.name = "issues",
                 .path = "/rest/api/2/search?jql=updated%20%3E%3D%20%22{since}%22%20order%20by%20"
                         "updated%20asc&expand=changelog&maxResults=50&startAt={offset}",
                 .paging = PAGING_OFFSET,
                 .per_page = 50,
                 .items = "issues",
                 .id = "key",
                 .updated = "fields.updated"},
            },
    },
    {
        .kind = "pagerduty",
        .token_header = "Authorization: Token token=%s",
        .accept = "application/vnd.pagerduty+json;version=2",
        .since_form = "%Y-%m-%dT%H:%M:%SZ",
        .no_since = "1990-01-01T00:00:00Z",
        .overlap = MINUTE,
        .right = "the token needs to read incidents",
        .base = as_it_is,
        .lists =
            {
                {.name = "incidents",
                 .path = "/incidents?sort_by=created_at&limit=100&offset={offset}&total=true&"
                         "date_range=all&since={since}",
                 .paging = PAGING_OFFSET,
                 .per_page = 100,
                 .items = "incidents",
                 .id = "id",
                 .updated = "created_at"},
            },
    },
    {
        .kind = "jenkins",
        .token_header = "Authorization: Basic %s",
        .accept = "application/json",
        .since_form = "%Y",
        .no_since = "",
        .right = "the token file holds user:token in base64; its user must see the job",
        .base = as_it_is,
        .lists =
            {
                {.name = "builds",
                 .path = "/api/json?tree=fullName,allBuilds[number,timestamp,duration,building,"
                         "result,fullDisplayName,actions[lastBuiltRevision[SHA1,branch[name]],"
                         "remoteUrls],changeSet[kind,revisions[revision]]]%7B{offset},{end}%7D",
                 .paging = PAGING_OFFSET,
                 .per_page = 100,
                 .items = "allBuilds",
                 .id = "number"},
            },
    },
    {.kind = NULL},
};
