/* The counts of one service at a moment: 296 bytes. */
#ifndef LB_ADMIN_WINDOW_SERVICE_H
#define LB_ADMIN_WINDOW_SERVICE_H

#include "lb/pool/pool.h"
#include "lb/pool/service_tally.h"

#define WINDOW_SERVICE_MAX 1000u /* of more nothing is known */

struct window_service {
    const struct service *service;
    struct service_tally tally;
};

/* Of those that service_walk.h has, sorted for window_service_find. Gives: to be freed with free(). Thread:
 * control, as for all of this module. */
struct window_service *window_service_list(const struct pool *pool, unsigned *count);

/* NULL: it is not among them. */
const struct window_service *window_service_find(const struct window_service *list, unsigned count,
                                                 const struct service *service);

/* What came between the two, which are of one service; what has become less is 0, as it has begun anew. `open_count`
 * is that of now. */
struct service_tally window_service_since(const struct service_tally *before,
                                          const struct service_tally *now);

#endif
