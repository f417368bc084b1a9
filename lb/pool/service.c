#include "lb/pool/service.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

struct service *service_new(const char *name)
{
    struct service *service = aligned_alloc(64, sizeof(*service));
    if (!service)
        abort();
    service->name = memory_copy(name, strlen(name));
    atomic_init(&service->ref_count, 1);
    atomic_init(&service->next_turn, 0);
    return service;
}

struct service *service_ref(struct service *service)
{
    atomic_fetch_add_explicit(&service->ref_count, 1, memory_order_relaxed);
    return service;
}

void service_unref(struct service *service)
{
    if (atomic_fetch_sub_explicit(&service->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    free(service->name);
    free(service);
}
