/* The verdict about the constraint, as the command and the report of plain `weir` show it. */
#pragma once

#include "cmd/command.h"
#include "engine/valuestream.h"
#include "fold/stagetime.h"
#include "fold/verdict.h"

/* Runs the folds over the stream (woven with READING_WALL); finish both results in any case. */
status constraint_of(struct valuestream *stream, enum verdict_objective objective,
                     struct stagetime *ret_times, struct verdict *ret, struct error *why);

/* The fields of weir.constraint/1, into the document of the command or an object in the report. */
void constraint_put(json_t *doc, const struct verdict *v, const struct names *names,
                    enum verdict_objective objective, struct arena *a);
void constraint_table(struct command_context *c, const struct names *names, const struct verdict *v,
                      const struct stagetime *times);

enum { CONSTRAINT_NEXT = 4 };
/* Commands that look closer; returns how many. */
size_t constraint_next(const struct verdict *v, const struct names *names, struct arena *a,
                       str ret_next[CONSTRAINT_NEXT]);
