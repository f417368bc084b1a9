#include "discovery/registrations.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

void registrations_fini(struct registrations *registrations)
{
    free(registrations->items);
    free(registrations->remarks);
    *registrations = (struct registrations){0};
}

void registrations_clear(struct registrations *registrations)
{
    registrations->count = 0;
    registrations->remark_count = 0;
    registrations->host = registrations->engine = "";
}

void registrations_add(struct registrations *registrations, const struct registration *item)
{
    registrations->items = memory_make_room(registrations->items, registrations->count,
                                            &registrations->capacity, sizeof(*item));
    registrations->items[registrations->count++] = *item;
}

void registrations_add_remark(struct registrations *registrations,
                              const struct registration_remark *remark)
{
    registrations->remarks = memory_make_room(registrations->remarks, registrations->remark_count,
                                              &registrations->remark_capacity, sizeof(*remark));
    registrations->remarks[registrations->remark_count++] = *remark;
}

/* Of two with the same id the one that was there first: by container, which never changes. */
static int compare(const void *left, const void *right)
{
    const struct registration *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    if (order != 0 || !a->container || !b->container)
        return order;
    order = strcmp(a->container, b->container);
    return order != 0 ? order : a->container_port - b->container_port;
}

void registrations_sort(struct registrations *registrations)
{
    if (registrations->count > 0)
        qsort(registrations->items, registrations->count, sizeof(registrations->items[0]), compare);
}
