/* The endpoint that has the fewest requests in flight, of all workers, for its weight. The counts of
 * workers are added up, so that who does not ask pays nothing; for that each look at an endpoint
 * reads a line of the cache of every worker, and not more of them than a bound are read for one
 * request. Pure: no clock, no I/O, nothing is written. */
#ifndef LB_POLICY_LEAST_REQUESTS_H
#define LB_POLICY_LEAST_REQUESTS_H

#include "lb/policy/balance.h"

/* Of endpoints times workers: where they are more, those that are looked at change with the turn. */
#define LEAST_REQUESTS_LOOKS_MAX 1024u

/* Of equal ones the first from `turn` on, so that ties go round. A request that has tried some goes
 * last to those on which the latest attempt failed. NULL: there is none. Thread: worker. */
struct endpoint *least_requests_pick(const struct pool_service *service,
                                     const struct balance_tried *tried, uint64_t turn);

#endif
