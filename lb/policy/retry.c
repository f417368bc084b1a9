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

bool retry_is_free(const struct retry_facts *facts)
{
    if (facts->was_sent)
        return false;
    return facts->failure == ERR_REFUSED ||
           (facts->failure == ERR_UPSTREAM_RESET && facts->was_idle);
}

bool retry_may(const struct retry_facts *facts, const struct retry_rules *rules)
{
    if (facts->has_answered || !facts->is_kept)
        return false;
    if (retry_is_free(facts))
        return true;
    if (facts->attempt_count >= rules->attempts_max)
        return false;
    if (!facts->was_sent)
        return true;
    bool is_lost = facts->failure == ERR_UPSTREAM_RESET || facts->failure == ERR_UPSTREAM_TRUNCATED;
    return is_lost && facts->replay_count < rules->replays_max &&
           retry_is_idempotent(facts->method);
}
