/* A cloned repository is not to be believed: its weir.yaml may not put the store outside the
 * project, set up the server or name a program, unless the person trusted this very text of it
 * (spec cli.md 5). Trust is a line in $XDG_STATE_HOME/weir/trusted: HMAC-SHA-256 of the file, keyed
 * by its path, and the path; another text of the file is another hash. A file named by --config was
 * chosen by the person and is trusted as such. */
#pragma once

#include "engine/config.h"

struct trust {
    const char *list; /* the file with the hashes; NULL: there is no place for one */
    bool chosen;      /* the project's file was named by --config or WEIR_CONFIG */
};

struct trust trust_in(const char *const *environment, bool chosen, struct arena *a);

/* FAIL names the first setting that the project may not make, and says how to allow it. */
status trust_check(const struct config *config, const struct trust *trust, struct error *why);
/* Has the project's file the person's trust? True when there is none. */
bool trust_given(const struct config *config, const struct trust *trust);
/* Records the project's file as it is now. FAIL too when the project has no file. */
status trust_record(const struct config *config, const struct trust *trust, struct error *why);
/* The project's file, or NULL. */
const char *trust_file(const struct config *config, struct arena *a);
