/* Parts of the flow map's document that the report shows too. */
#pragma once

#include "fold/flowmap.h"

#include <jansson.h>

json_t *map_stages_json(const struct names *names, const struct flowmap_result *m);
