/* The commands, in the order of the help; those of a group stand together. A new command is a file
 * src/cmd/<command>.c and one line here. */
#include "cmd/command.h"

#define COMMANDS(X)                                                                                \
    X(REPORT)                                                                                      \
    X(INIT)                                                                                        \
    X(DEMO)                                                                                        \
    X(SERVE)                                                                                       \
    X(MAP)                                                                                         \
    X(FLOW)                                                                                        \
    X(CONSTRAINT)                                                                                  \
    X(ITEMS)                                                                                       \
    X(ITEM)                                                                                        \
    X(METRICS)                                                                                     \
    X(IMPORT)                                                                                      \
    X(STATUS)                                                                                      \
    X(DOCTOR)                                                                                      \
    X(EXPORT)                                                                                      \
    X(SQL)                                                                                         \
    X(STORE_FILE)                                                                                  \
    X(TOKEN)                                                                                       \
    X(CONFIG)                                                                                      \
    X(COMPLETION)                                                                                  \
    X(HELP)                                                                                        \
    X(VERSION)

#define DECLARE(name) extern const struct command COMMAND_##name;
#define ENTRY(name) &COMMAND_##name,

COMMANDS(DECLARE)

const struct command *const command_table_all[] = {COMMANDS(ENTRY) NULL};
