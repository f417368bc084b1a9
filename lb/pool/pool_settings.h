/* What is said of an endpoint beside where it is and how it is: by its labels, by orders, and where these
 * say nothing by the policy of its service. Thread: control. */
#ifndef LB_POOL_POOL_SETTINGS_H
#define LB_POOL_POOL_SETTINGS_H

#include "lb/pool/pool_wanted.h"
#include "lb/pool/service_policy.h"

/* Workers see the new ones at once. An endpoint by https of which another certificate is wanted is to be contacted
 * anew. Takes a reference to the policy, and a copy of the rest. */
void pool_settings_take(struct endpoint *endpoint, const struct pool_wanted_endpoint *wanted,
                        struct service_policy *policy);

#endif
