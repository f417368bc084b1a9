#include "lb/run/announce.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"

void announce_note(struct announce *announce, struct endpoint *endpoint, enum endpoint_state before)
{
    announce->changes =
        memory_resize(announce->changes, (announce->count + 1) * sizeof(*announce->changes));
    announce->changes[announce->count++] =
        (struct announce_change){.endpoint = endpoint_ref(endpoint), .before = before};
}

static unsigned count_ready(const struct pool *pool, const char *name)
{
    const struct pool_service *service = pool_find(pool, view_str(name));
    unsigned count = 0;
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        count += endpoint_is_usable(service->endpoints[i]);
    return count;
}

static void speak_one(const struct announce_change *change, const struct pool *pool)
{
    const struct endpoint *endpoint = change->endpoint;
    enum endpoint_state state = endpoint_state(endpoint);
    unsigned ready = count_ready(pool, endpoint->service);
    uint64_t now_ns = clock_wall_ns();
    char address[ADDRESS_TEXT_BYTES], delay[64] = "";
    if (endpoint->cause_time_ns > 0 && now_ns > endpoint->cause_time_ns)
        snprintf(delay, sizeof(delay), ", %.1f ms after %.32s",
                 (double)(now_ns - endpoint->cause_time_ns) / 1e6, endpoint->cause);
    else if (endpoint->cause[0])
        snprintf(delay, sizeof(delay), ", by %.32s", endpoint->cause);
    if (state == ENDPOINT_GONE)
        log_info("%s: %s gone, %u endpoint%s", endpoint->service, endpoint->name, ready,
                 ready == 1 ? "" : "s");
    else if (state == ENDPOINT_PROBING && change->before == ENDPOINT_GONE)
        log_debug("%s: %s at %s is being probed%s", endpoint->service, endpoint->name,
                  address_format(&endpoint->address, address), delay);
    else
        log_info("%s: %s %s, %u endpoint%s%s", endpoint->service, endpoint->name,
                 endpoint_state_word(state), ready, ready == 1 ? "" : "s", delay);
}

void announce_speak(struct announce *announce, const struct pool *pool)
{
    for (unsigned i = 0; i < announce->count; i++) {
        speak_one(&announce->changes[i], pool);
        endpoint_unref(announce->changes[i].endpoint);
    }
    free(announce->changes);
    *announce = (struct announce){0};
}
