#include "lb/policy/idle_limit.h"

#define LONGEST_S        86400u
#define SAME_MOMENT_MS   100u
#define MARGIN_LEAST_MS  50u
#define MARGIN_DIVISOR   8u
#define SAME_AGE_DIVISOR 4u

bool idle_limit_parse(struct view keep_alive, unsigned *out_ms)
{
    struct view name = VIEW("timeout=");
    while (keep_alive.ptr) {
        struct view part = view_trim(view_cut(&keep_alive, ','));
        uint64_t seconds;
        if (part.len > name.len && view_eq_nocase(view_of(part.ptr, name.len), name) &&
            view_parse_u64(view_skip(part, name.len), LONGEST_S, &seconds)) {
            *out_ms = (unsigned)seconds * 1000;
            return true;
        }
    }
    return false;
}

static bool is_about(unsigned a_ms, unsigned b_ms)
{
    unsigned less = a_ms < b_ms ? a_ms : b_ms, more = a_ms < b_ms ? b_ms : a_ms;
    return more - less <= more / SAME_AGE_DIVISOR;
}

unsigned idle_limit_learn(struct endpoint_local *local, uint64_t now_ms, unsigned age_ms)
{
    uint64_t before_ms = local->idle_closed_at_ms;
    unsigned before_age_ms = local->idle_closed_age_ms;
    if (age_ms < IDLE_LIMIT_LEAST_MS)
        return 0;
    local->idle_closed_at_ms = now_ms;
    local->idle_closed_age_ms = age_ms;
    if (before_age_ms == 0 || now_ms - before_ms < SAME_MOMENT_MS ||
        !is_about(before_age_ms, age_ms))
        return 0;
    return before_age_ms < age_ms ? before_age_ms : age_ms;
}

unsigned idle_limit_retire_ms(unsigned limit_ms)
{
    unsigned margin_ms = limit_ms / MARGIN_DIVISOR;
    if (margin_ms < MARGIN_LEAST_MS)
        margin_ms = MARGIN_LEAST_MS;
    return limit_ms > margin_ms ? limit_ms - margin_ms : 0;
}
