#include "lb/pool/pool_policies.h"

#include <stdlib.h>

#include "lb/base/memory.h"

/* ---- those that differ from the base ---------------------------------------------------------- */

/* Where it is, or would be. */
static unsigned place_of(const struct pool_policies *policies, const struct service_policy *values)
{
    unsigned low = 0, high = policies->own_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (memcmp(policies->own[middle], values, sizeof(*values)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct pool_policies *policies, unsigned place,
                  const struct service_policy *values)
{
    return place < policies->own_count && service_policy_is(policies->own[place], values);
}

static void insert(struct pool_policies *policies, unsigned place, struct service_policy *policy)
{
    if (policies->own_count == policies->own_room) {
        policies->own_room = policies->own_room > 0 ? 2 * policies->own_room : 8;
        policies->own =
            memory_resize(policies->own, policies->own_room * sizeof(struct service_policy *));
    }
    struct service_policy **at = &policies->own[place];
    memmove(at + 1, at, (policies->own_count - place) * sizeof(struct service_policy *));
    *at = policy;
    policies->own_count++;
}

static void know(struct pool_policies *policies, struct service_policy *policy,
                 const struct service_policy *usual)
{
    unsigned place = policy == usual ? 0 : place_of(policies, policy);
    if (policy != usual && !is_at(policies, place, policy))
        insert(policies, place, policy);
}

/* ---- names ------------------------------------------------------------------------------------ */

static int compare_wanted(const void *left, const void *right)
{
    const struct pool_wanted_service *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static const struct service_options *options_of(const struct pool_policies *policies,
                                                struct view name)
{
    unsigned low = 0, high = policies->wanted_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = view_compare(view_str(policies->wanted[middle].name), name);
        if (order == 0)
            return &policies->wanted[middle].options;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- all -------------------------------------------------------------------------------------- */

void pool_policies_begin(struct pool_policies *policies, const struct pool *before,
                         struct pool_wanted *wanted, struct service_policy *base)
{
    *policies = (struct pool_policies){
        .base = base, .wanted = wanted->services, .wanted_count = wanted->service_count};
    if (wanted->service_count > 1)
        qsort(wanted->services, wanted->service_count, sizeof(*wanted->services), compare_wanted);
    if (!before)
        return;
    for (unsigned i = 0; i < before->service_count; i++)
        know(policies, before->services[i].policy, before->policy);
    for (unsigned i = 0; before->routes.table && i < before->routes.table->service_count; i++)
        know(policies, before->routes.targets[i].policy, before->policy);
    const struct pool_listeners *listeners = &before->listeners;
    for (unsigned i = 0; listeners->table && i < listener_table_service_count(listeners->table);
         i++)
        know(policies, listeners->targets[i].policy, before->policy);
    if (before->routes.otherwise.policy)
        know(policies, before->routes.otherwise.policy, before->policy);
}

struct service_policy *pool_policies_take(struct pool_policies *policies, struct view name,
                                          enum service_kind kind)
{
    const struct service_options *options = options_of(policies, name);
    struct service_policy values;
    if (!options && kind == SERVICE_HTTP)
        return service_policy_ref(policies->base);
    memcpy(&values, policies->base, sizeof(values));
    service_policy_of_kind(&values, kind);
    if (options)
        service_policy_set(&values, kind, options);
    if (service_policy_is(policies->base, &values))
        return service_policy_ref(policies->base);
    unsigned place = place_of(policies, &values);
    if (is_at(policies, place, &values))
        return service_policy_ref(policies->own[place]);
    struct service_policy *policy = service_policy_new(&values);
    insert(policies, place, policy);
    return policy;
}

void pool_policies_fini(struct pool_policies *policies)
{
    free(policies->own);
    policies->own = NULL;
}
