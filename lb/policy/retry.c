#include "lb/policy/retry.h"

bool retry_is_idempotent(struct view method)
{
    static const struct view methods[] = {
        {"GET", 3}, {"HEAD", 4}, {"OPTIONS", 7}, {"TRACE", 5}, {"PUT", 3}, {"DELETE", 6},
    };
    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (view_eq(methods[i], method))
            return true;
    return false;
}

bool retry_may(const struct retry_facts *facts)
{
    if (facts->has_answered || !facts->is_kept || facts->attempt_count >= RETRY_ATTEMPTS_MAX)
        return false;
    if (!facts->was_sent)
        return true;
    bool is_lost = facts->failure == ERR_UPSTREAM_RESET || facts->failure == ERR_UPSTREAM_TRUNCATED;
    return is_lost && facts->replay_count < RETRY_REPLAYS_MAX && retry_is_idempotent(facts->method);
}
