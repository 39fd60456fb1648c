/* All tools: adding one is a line here. */
#include "source/hook.h"

static const struct hook *const HOOKS[] = {
    &HOOK_GITHUB,  &HOOK_GITLAB,   &HOOK_PAGERDUTY, &HOOK_CDEVENTS, &HOOK_JIRA,
    &HOOK_REDMINE, &HOOK_BUILDBOT, &HOOK_JENKINS,   &HOOK_MAPPED,   NULL,
};

const struct hook *hook_at(size_t i)
{
    size_t k = 0;
    while (k < i && HOOKS[k] != NULL) {
        k++;
    }
    return HOOKS[k];
}

const struct hook *hook_by_name(str name)
{
    const struct hook *hook;
    for (size_t i = 0; (hook = hook_at(i)) != NULL; i++) {
        if (str_eq(name, str_of(hook->name))) {
            return hook;
        }
    }
    return NULL;
}
