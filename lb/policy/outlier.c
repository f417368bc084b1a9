#include "lb/policy/outlier.h"

#include <stdio.h>

/* The two halves of endpoint->streaks. They do not run over: a full half stays full. */
#define HALF_MAX  0xFFFFu
#define ONE_ERROR 0x10000u

static unsigned failures_in(unsigned streaks)
{
    return streaks & HALF_MAX;
}

static unsigned errors_in(unsigned streaks)
{
    return streaks >> 16;
}

bool outlier_note_failure(struct endpoint *endpoint, const struct outlier_rules *rules)
{
    unsigned streaks = atomic_load_explicit(&endpoint->streaks, memory_order_relaxed);
    if (rules->failures_max == 0 || failures_in(streaks) == HALF_MAX)
        return false;
    streaks = atomic_fetch_add_explicit(&endpoint->streaks, 1, memory_order_relaxed) + 1;
    return failures_in(streaks) == rules->failures_max;
}

bool outlier_note_error(struct endpoint *endpoint, const struct outlier_rules *rules)
{
    unsigned streaks = atomic_load_explicit(&endpoint->streaks, memory_order_relaxed);
    if (failures_in(streaks) > 0)
        atomic_fetch_and_explicit(&endpoint->streaks, ~HALF_MAX, memory_order_relaxed);
    if (rules->errors_max == 0 || errors_in(streaks) == HALF_MAX)
        return false;
    streaks = atomic_fetch_add_explicit(&endpoint->streaks, ONE_ERROR, memory_order_relaxed);
    return errors_in(streaks) + 1 == rules->errors_max;
}

bool outlier_is_suspect(const struct endpoint *endpoint, const struct outlier_rules *rules,
                        char reason[static 80])
{
    unsigned streaks = atomic_load_explicit(&endpoint->streaks, memory_order_relaxed);
    if (rules->failures_max > 0 && failures_in(streaks) >= rules->failures_max) {
        snprintf(reason, 80, "%u attempts in a row failed", rules->failures_max);
        return true;
    }
    if (rules->errors_max > 0 && errors_in(streaks) >= rules->errors_max) {
        snprintf(reason, 80, "%u answers in a row were 5xx", rules->errors_max);
        return true;
    }
    return false;
}

bool outlier_may_eject(const struct pool_service *service, const struct outlier_rules *rules)
{
    unsigned ready_count = 0, ejected_count = 0, total_count = 0;
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        enum endpoint_state state = endpoint_judge(service->endpoints[i]);
        ready_count += state == ENDPOINT_READY;
        ejected_count += state == ENDPOINT_EJECTED;
        total_count +=
            state == ENDPOINT_READY || state == ENDPOINT_EJECTED || state == ENDPOINT_FAILING;
    }
    if (ready_count < 2)
        return false;
    return ejected_count == 0 ||
           (uint64_t)(ejected_count + 1) * 100 <= (uint64_t)rules->max_percent * total_count;
}

void outlier_eject(struct endpoint *endpoint, const struct outlier_rules *rules, uint64_t now_ms)
{
    uint64_t time_ms = rules->eject_ms;
    if (endpoint->returned_ms > 0 && now_ms >= endpoint->returned_ms + OUTLIER_LONGEST_MS)
        endpoint->ejection_count = 0;
    for (unsigned i = 0; i < endpoint->ejection_count && time_ms < OUTLIER_LONGEST_MS; i++)
        time_ms *= 2;
    if (time_ms > OUTLIER_LONGEST_MS)
        time_ms = OUTLIER_LONGEST_MS;
    endpoint->ejection_count++;
    endpoint->ejected_count++;
    endpoint->ejected_until_ms = now_ms + time_ms;
    endpoint->is_ejected = true;
    endpoint->is_suspect = false;
}

void outlier_return(struct endpoint *endpoint, uint64_t now_ms)
{
    endpoint->is_ejected = false;
    endpoint->returned_ms = now_ms;
    atomic_store_explicit(&endpoint->streaks, 0, memory_order_relaxed);
}
