/* A growing array of one type. Declare VEC(type) and use the macros; a zeroed one is empty.
 *
 *     VEC(int) numbers = {0};
 *     VEC_ADD(&numbers, 7);
 *     for (size_t i = 0; i < numbers.n; i++) … numbers.v[i] …
 *     VEC_FINISH(&numbers);
 */
#pragma once

#include "base/mem.h"

#include <stddef.h>

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *v;                                                                                   \
        size_t n, cap;                                                                             \
    }

#define VEC_RESERVE(vec, count)                                                                    \
    do {                                                                                           \
        if ((vec)->cap < (count)) {                                                                \
            size_t cap_ = (vec)->cap < 8 ? 8 : (vec)->cap * 2;                                     \
            cap_ = cap_ < (count) ? (count) : cap_;                                                \
            (vec)->v = mem_grow((vec)->v, cap_, sizeof *(vec)->v);                                 \
            (vec)->cap = cap_;                                                                     \
        }                                                                                          \
    } while (0)

#define VEC_ADD(vec, ...)                                                                          \
    do {                                                                                           \
        VEC_RESERVE(vec, (vec)->n + 1);                                                            \
        (vec)->v[(vec)->n++] = (__VA_ARGS__);                                                      \
    } while (0)

#define VEC_FINISH(vec)                                                                            \
    do {                                                                                           \
        mem_put((vec)->v);                                                                         \
        (vec)->v = NULL;                                                                           \
        (vec)->n = (vec)->cap = 0;                                                                 \
    } while (0)
