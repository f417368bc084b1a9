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
    char address[ADDRESS_TEXT_BYTES], delay[sizeof(endpoint->problem) + 4] = "";
    if (endpoint->problem[0])
        snprintf(delay, sizeof(delay), ": %s", endpoint->problem);
    else if (endpoint->cause_time_ns > 0 && now_ns > endpoint->cause_time_ns)
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

/* ---- not too much -----------------------------------------------------------------------------
 */

/* LINES_BURST lines at once, and LINES_PER_SECOND for ever. */
#define LINES_BURST      100u
#define LINES_PER_SECOND 5u

static void add_allowance(struct announce *announce)
{
    uint64_t now_ns = clock_wall_ns(), second_ns = 1000000000u;
    if (announce->allowed_ns == 0 || now_ns < announce->allowed_ns ||
        now_ns - announce->allowed_ns > LINES_BURST * second_ns) {
        announce->allowance = LINES_BURST;
        announce->allowed_ns = now_ns;
        return;
    }
    uint64_t count = (now_ns - announce->allowed_ns) * LINES_PER_SECOND / second_ns;
    announce->allowed_ns += count * second_ns / LINES_PER_SECOND;
    announce->allowance += (unsigned)count;
    if (announce->allowance > LINES_BURST)
        announce->allowance = LINES_BURST;
}

static bool may_speak(struct announce *announce)
{
    if (announce->allowance == 0) {
        announce->silent_count++;
        return false;
    }
    announce->allowance--;
    if (announce->silent_count > 0)
        log_info("%u changes of endpoints were not logged, there were too many; /pool has the "
                 "present state",
                 announce->silent_count);
    announce->silent_count = 0;
    return true;
}

static bool was_panicking(const struct pool *before, const char *name)
{
    const struct pool_service *service = before ? pool_find(before, view_str(name)) : NULL;
    return service && service->is_panicking;
}

static void speak_of_panic(const struct pool *pool, const struct pool *before)
{
    for (unsigned i = 0; i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        bool was = was_panicking(before, service->name);
        if (service->is_panicking && !was)
            log_warn("%s: panic: too few endpoints are healthy, so failing and ejected ones get "
                     "requests too (--panic-below)",
                     service->name);
        else if (was && !service->is_panicking)
            log_info("%s: the panic is over", service->name);
    }
}

void announce_speak(struct announce *announce, const struct pool *pool, const struct pool *before)
{
    add_allowance(announce);
    for (unsigned i = 0; i < announce->count; i++) {
        if (may_speak(announce))
            speak_one(&announce->changes[i], pool);
        endpoint_unref(announce->changes[i].endpoint);
    }
    speak_of_panic(pool, before);
    free(announce->changes);
    announce->changes = NULL;
    announce->count = 0;
}
