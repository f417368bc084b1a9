/* What becomes of attempts, noted on their endpoint for the detection of outliers. No lock, no
 * clock, no memory. */
#ifndef LB_PROXY_OUTCOME_H
#define LB_PROXY_OUTCOME_H

#include "lb/proxy/env.h"

/* An attempt failed. `was_reused`: on a connection that had served before; its reset says nothing
 * of the endpoint, which may have closed it while it was idle. Thread: worker. */
void outcome_failed(struct env *env, struct endpoint *endpoint, enum err err, bool was_reused);

/* The head of a response came. Thread: worker. */
void outcome_answered(struct env *env, struct endpoint *endpoint, unsigned status);

#endif
