/* The sentences of a verdict: fixed forms, one a fact, each with its number. */
#pragma once

#include "fold/verdict.h"

double verdict_cap(enum indicator i);

/* Names the places and writes reason, throughput, notes and the evidence of every stage. */
void verdict_speak(struct verdict *v, const struct names *names);
