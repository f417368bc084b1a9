#include "lb/follow/lookup.h"

#include <stdlib.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"

struct lookup {
    uv_async_t answered;
    struct name_query *query;
    void (*on_answer)(void *owner, const struct name_query_answer *answer);
    void *owner;
};

/* On the resolver's thread. */
static void ring(void *owner)
{
    struct lookup *lookup = owner;
    uv_async_send(&lookup->answered);
}

static void on_uv_closed(uv_handle_t *handle)
{
    free(list_entry(handle, struct lookup, answered));
}

static void on_uv_answered(uv_async_t *handle)
{
    struct lookup *lookup = list_entry(handle, struct lookup, answered);
    struct name_query_answer answer;
    if (!name_query_take(lookup->query, &answer))
        return;
    uv_close((uv_handle_t *)handle, on_uv_closed);
    lookup->on_answer(lookup->owner, &answer);
}

void lookup_abandon(struct lookup *lookup)
{
    name_query_abandon(lookup->query);
    uv_close((uv_handle_t *)&lookup->answered, on_uv_closed);
}

struct lookup *lookup_start(uv_loop_t *loop, const char *host, uint16_t port,
                            void (*on_answer)(void *owner, const struct name_query_answer *answer),
                            void *owner)
{
    struct lookup *lookup = memory_new(sizeof(*lookup));
    lookup->on_answer = on_answer;
    lookup->owner = owner;
    uv_async_init(loop, &lookup->answered, on_uv_answered);
    lookup->query = name_query_start(host, port, NAME_QUERY_ADDRESSES_MAX, ring, lookup);
    return lookup;
}
