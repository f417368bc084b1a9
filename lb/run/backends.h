/* What the fixed backends of --backend are at the moment. */
#ifndef LB_RUN_BACKENDS_H
#define LB_RUN_BACKENDS_H

#include "lb/pool/pool_build.h"

/* One whose name has no address. */
struct backends_unknown {
    char name[300]; /* "host:port" */
    char problem[200];
};

/* Zeroed memory is none. */
struct backends {
    struct address *addresses;
    unsigned count;
    struct backends_unknown *unknowns;
    unsigned unknown_count;
    bool is_complete; /* every name has an address */
};

void backends_add(struct backends *backends, const struct address *address);

/* `problem`: the resolver's words. */
void backends_add_unknown(struct backends *backends, const char *host, unsigned port,
                          const char *problem);

/* Adds an endpoint for each address to what is wanted of `service`, which is borrowed; its id, kept
 * for backends_unwant, is "address:port". */
void backends_want(const struct backends *backends, const char *service,
                   struct pool_wanted *wanted);

/* Forgets all endpoints, which backends_want has added. */
void backends_unwant(struct pool_wanted *wanted);

void backends_fini(struct backends *backends);

#endif
