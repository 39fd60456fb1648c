/* A dictionary: every different text gets a small number, in order of arrival, from 0 on; number 0
 * is always the empty text. Copies what it keeps. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

struct intern {
    struct arena text;
    str *texts;
    uint32_t n, cap;
    struct intern_slot {
        uint32_t number, hash; /* number + 1; 0 is free */
    } * slots;
    size_t slot_cap;
};

void intern_init(struct intern *t, const char *name);
void intern_finish(struct intern *t);
uint32_t intern_add(struct intern *t, str text);
bool intern_find(const struct intern *t, str text, uint32_t *ret); /* without adding */
str intern_text(const struct intern *t, uint32_t number);          /* lives as long as the table */
