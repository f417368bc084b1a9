/* The fixed backends of --backend. */
#ifndef LB_RUN_BACKENDS_H
#define LB_RUN_BACKENDS_H

#include "lb/config/config.h"
#include "lb/run/membership.h"

/* Resolves each host once and adds all of its addresses. Fails: false, said in the log. Blocks on
 * the system's resolver, so before anything runs. */
bool backends_resolve(const struct config *config, struct membership *membership);

#endif
