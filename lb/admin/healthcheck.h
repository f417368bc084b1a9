/* `lb --healthcheck`: for a container's HEALTHCHECK, as the image has no other HTTP client. */
#ifndef LB_ADMIN_HEALTHCHECK_H
#define LB_ADMIN_HEALTHCHECK_H

#include "lb/config/config.h"

/* Asks /healthz of the admin listener that this configuration names, for 2 s at most. Gives the
 * exit status: 0 healthy, 1 not. Says why on standard error. */
int healthcheck_run(const struct config *config);

#endif
