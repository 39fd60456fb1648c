/* What the world did wrong, as a sentence for the person at the keyboard.
 *
 * A bug asserts. The world returns a status, which must be used, and writes the sentence into
 * `struct error`; callers on the way up put what they were doing in front (error_add). The sentence
 * says what, where, why; `hint`, when set, is the remedy and is printed as the last line. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>

typedef enum status_code {
    OK = 0,
    END,         /* no more rows; not an error, `why` untouched */
    FAIL,        /* exit 2 */
    BUSY,        /* temporary: try again; exit 75 */
    INTERRUPTED, /* Ctrl-C or SIGTERM; exit 130, 143 */
} status_code;

/* The return type of a function whose answer must be used; a variable is a status_code. */
#define status __attribute__((warn_unused_result)) status_code

struct error {
    char text[1024]; /* cut with … when longer */
    char hint[512];
    char id[8]; /* "E2103", or empty */
};

/* Both return FAIL, so that `return error_set(why, …)` works. A NULL `why` is allowed. */
status_code error_set(struct error *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "context: " in front; the status is the caller's to pass on. */
void error_add(struct error *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_hint(struct error *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_id(struct error *why, const char *id);

/* Passes anything but OK on to the caller. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        status_code try_status_ = (call);                                                          \
        if (try_status_ != OK) {                                                                   \
            return try_status_;                                                                    \
        }                                                                                          \
    } while (0)

/* The same for a function with cleaning up at its end: sets `variable` and jumps. */
#define TRY_GOTO(variable, label, call)                                                            \
    do {                                                                                           \
        (variable) = (call);                                                                       \
        if ((variable) != OK) {                                                                    \
            goto label;                                                                            \
        }                                                                                          \
    } while (0)
