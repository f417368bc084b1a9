#include "lb/admin/window_service.h"

#include <stdlib.h>

#include "lb/admin/service_walk.h"
#include "lb/base/memory.h"

static int compare(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct window_service *)a)->service;
    uintptr_t y = (uintptr_t)((const struct window_service *)b)->service;
    return (x > y) - (x < y);
}

struct window_service *window_service_list(const struct pool *pool, unsigned *count)
{
    struct service_walk walk = {.pool = pool};
    struct service_seen seen;
    struct window_service *list = NULL;
    size_t capacity = 0;
    *count = 0;
    while (*count < WINDOW_SERVICE_MAX && service_walk_next(&walk, &seen)) {
        list = memory_make_room(list, *count, &capacity, sizeof(*list));
        list[(*count)++] = (struct window_service){.service = seen.service,
                                                   .tally = service_tally_of(seen.service)};
    }
    if (*count > 0)
        qsort(list, *count, sizeof(*list), compare);
    return list;
}

const struct window_service *window_service_find(const struct window_service *list, unsigned count,
                                                 const struct service *service)
{
    struct window_service key = {.service = service};
    return count > 0 ? bsearch(&key, list, count, sizeof(key), compare) : NULL;
}

/* A tally is a row of numbers. */
struct service_tally window_service_since(const struct service_tally *before,
                                          const struct service_tally *now)
{
    struct service_tally since = *now;
    const uint64_t *from = (const uint64_t *)before;
    uint64_t *numbers = (uint64_t *)&since;
    for (size_t i = 0; i < sizeof(since) / sizeof(*numbers); i++)
        numbers[i] -= from[i] <= numbers[i] ? from[i] : numbers[i];
    since.open_count = now->open_count;
    return since;
}
