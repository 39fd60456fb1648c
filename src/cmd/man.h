/* Manual pages as scdoc source, from the table of commands, the schema of weir.yaml and
 * docs/model.md. scripts/man.sh turns them into pages when weir is built. */
#pragma once

#include "cmd/command.h"

/* `page` is "weir.1", "weir-import.1", "weir.yaml.5", "weir-model.7", or "pages": the names of all,
 * one a line. `model` is the Markdown file that weir-model(7) is made of. */
status man_page(struct buf *out, str page, str model, struct error *why);
