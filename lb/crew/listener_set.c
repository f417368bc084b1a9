#include "lb/crew/listener_set.h"

#include <stdlib.h>

#include "lb/base/memory.h"

static int compare(const void *left, const void *right)
{
    const struct listener_port *const *a = left, *const *b = right;
    return ((uintptr_t)*a > (uintptr_t)*b) - ((uintptr_t)*a < (uintptr_t)*b);
}

struct listener_set *listener_set_new(struct listener_port *const *ports, unsigned count)
{
    struct listener_set *set = memory_new(sizeof(*set));
    atomic_init(&set->ref_count, 1);
    set->ports = memory_new(count * sizeof(struct listener_port *));
    for (; set->count < count; set->count++)
        set->ports[set->count] = listener_port_ref(ports[set->count]);
    if (count > 0)
        qsort(set->ports, count, sizeof(struct listener_port *), compare);
    return set;
}

struct listener_set *listener_set_ref(struct listener_set *set)
{
    atomic_fetch_add_explicit(&set->ref_count, 1, memory_order_relaxed);
    return set;
}

void listener_set_unref(struct listener_set *set)
{
    if (!set || atomic_fetch_sub_explicit(&set->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < set->count; i++)
        listener_port_unref(set->ports[i]);
    free(set->ports);
    free(set);
}

bool listener_set_has(const struct listener_set *set, const struct listener_port *port)
{
    return set->count > 0 &&
           bsearch(&port, set->ports, set->count, sizeof(struct listener_port *), compare) != NULL;
}
