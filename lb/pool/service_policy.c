#include "lb/pool/service_policy.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/contract/capacity.h"

struct counted {
    atomic_uint ref_count;
    struct service_policy policy;
};

static struct counted *counted_of(struct service_policy *policy)
{
    return list_entry(policy, struct counted, policy);
}

struct service_policy *service_policy_new(const struct service_policy *values)
{
    struct counted *counted = memory_new(sizeof(*counted));
    atomic_init(&counted->ref_count, 1);
    memcpy(&counted->policy, values, sizeof(*values)); /* as service_policy_is compares */
    return &counted->policy;
}

struct service_policy *service_policy_ref(struct service_policy *policy)
{
    atomic_fetch_add_explicit(&counted_of(policy)->ref_count, 1, memory_order_relaxed);
    return policy;
}

void service_policy_unref(struct service_policy *policy)
{
    if (policy &&
        atomic_fetch_sub_explicit(&counted_of(policy)->ref_count, 1, memory_order_acq_rel) == 1)
        free(counted_of(policy));
}

void service_policy_set(struct service_policy *values, const struct service_options *options)
{
    balance_rule_parse(options->values[SERVICE_OPTION_BALANCE], &values->balance);
    sticky_rule_parse(options->values[SERVICE_OPTION_STICKY], &values->sticky);
    capacity_parse_queue(options->values[SERVICE_OPTION_QUEUE], &values->queue_max);
    capacity_parse_queue_timeout(options->values[SERVICE_OPTION_QUEUE_TIMEOUT],
                                 &values->queue_timeout_ms);
}

/* What lies between two members may differ though they say the same: then a new object is made in
 * vain. */
bool service_policy_is(const struct service_policy *policy, const struct service_policy *values)
{
    return memcmp(policy, values, sizeof(*policy)) == 0;
}
