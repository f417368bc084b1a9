/* The fixed backends of --backend. */
#ifndef LB_RUN_BACKENDS_H
#define LB_RUN_BACKENDS_H

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Their addresses; zeroed memory is none. */
struct backends {
    struct address *addresses;
    unsigned count;
};

/* Resolves each host once and adds all of its addresses. Fails: false and a problem that names the
 * first host without one. Blocks on the system's resolver. Thread: any. */
bool backends_resolve(const struct config *config, struct backends *backends, struct text *problem);

void backends_fini(struct backends *backends);

#endif
