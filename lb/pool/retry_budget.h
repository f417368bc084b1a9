/* So that retries cannot multiply an outage: each request pays a share of a retry in, each retry
 * takes a whole one out (as gRPC's retry throttling does). Each worker has one for each
 * service; no clock. Zeroed memory: no retries, until it has a share. */
#ifndef LB_POOL_RETRY_BUDGET_H
#define LB_POOL_RETRY_BUDGET_H

#include <stdbool.h>

/* Retries that a worker can have saved up; as many are there at the start, so that a quiet site
 * may retry as well. */
#define RETRY_BUDGET_SAVED_MAX 100u

struct retry_budget {
    unsigned share_percent;
    unsigned saved_percent; /* of one retry */
};

/* `share_percent`: retries for a hundred requests; 0: none at all, 100: each may be retried. */
void retry_budget_init(struct retry_budget *budget, unsigned share_percent);

/* Another share for the time to come; what is saved stays, within the new limits. */
void retry_budget_set_share(struct retry_budget *budget, unsigned share_percent);

/* A request came: pays its share in. */
void retry_budget_earn(struct retry_budget *budget);

/* A retry is wanted. False: there is nothing left for it. */
bool retry_budget_spend(struct retry_budget *budget);

#endif
