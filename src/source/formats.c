/* All formats: adding one is a line here. */
#include "source/detect.h"
#include "source/source.h"

enum { COUNT = 16 };

static const struct source_format *const FORMATS[COUNT] = {
    &SOURCE_GIT,      &SOURCE_OCEL,     &SOURCE_XES,       &SOURCE_CDEVENTS,
    &SOURCE_DELIVERY, &SOURCE_PARQUET,  &SOURCE_NDJSON,    &SOURCE_CSV,
    &SOURCE_GITHUB,   &SOURCE_GITLAB,   &SOURCE_PAGERDUTY, &SOURCE_JIRA,
    &SOURCE_REDMINE,  &SOURCE_BUILDBOT, &SOURCE_JENKINS,   &SOURCE_MAPPED,
};

const struct source_format *source_by_name(str name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (str_eq(name, str_of(FORMATS[i]->name))) {
            return FORMATS[i];
        }
    }
    return NULL;
}

status source_detect(const char *path, const struct source_format **ret, struct error *why)
{
    return detect_among(FORMATS, COUNT, path, ret, why);
}
