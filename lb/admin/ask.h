/* One question to the admin listener of a running lb, from a short-lived process. */
#ifndef LB_ADMIN_ASK_H
#define LB_ADMIN_ASK_H

#include "lb/base/text.h"
#include "lb/config/config.h"

#define ASK_TIMEOUT_S  2
#define ASK_MOST_MS    60000u /* for a whole answer */
#define ASK_MOST_BYTES ((size_t)256 << 20)

struct ask {
    const char *method;
    const char *path; /* and query, encoded */
    bool wants_json;  /* where there is text as well */
    unsigned most_ms; /* within which the answer must be whole; 0: ASK_MOST_MS */
};

/* Sends it to the listener that this configuration names, else to that of the lb that runs here
 * (kin.h), with its token if there is one; waits 2 s for each step. Gives the status, and the body, of ASK_MOST_BYTES at
 * most, appended to `body`. Fails: 0 and a problem. */
unsigned ask_lb(const struct config *config, const struct ask *ask, struct text *body,
                struct text *problem);

/* Only sends it: gives the connection, for who reads an answer that goes on and on. Its timeouts are those above.
 * Fails: -1 and a problem. */
int ask_open(const struct config *config, const struct ask *ask, struct text *problem);

/* Whether the lb that is meant has no admin listener (--admin off); then `*is_well` says whether it
 * runs and its listeners take connections, else `problem` why not. */
bool ask_without_admin(const struct config *config, struct text *problem, bool *is_well);

#endif
