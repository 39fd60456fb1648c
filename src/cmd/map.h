/* Parts of the flow map's document that the report shows too, and what the map says of people. */
#pragma once

#include "cmd/command.h"
#include "fold/flowmap.h"
#include "fold/handover.h"
#include "fold/rework.h"

#include <jansson.h>

json_t *map_stages_json(const struct names *names, const struct flowmap_result *m);

/* The fewest people of a team that is named (privacy.minimum_group, else 5). */
uint64_t map_least(const struct command_context *c);
json_t *map_rework_json(const struct names *names, const struct rework_result *r,
                        const struct handover_result *h);
json_t *map_handovers_json(const struct names *names, const struct handover_result *h,
                           uint64_t least);
void map_people_words(struct command_context *c, const struct names *names,
                      const struct rework_result *r, const struct handover_result *h,
                      uint64_t least);
