#include "lb/contract/capacity.h"

#include "lb/base/yes_no.h"
#include "lb/contract/waits.h"

static bool parse_count(struct view value, unsigned max, unsigned *out)
{
    uint64_t count = 0;
    if (!view_eq_nocase(value, VIEW("off")) && !view_parse_u64(value, max, &count))
        return false;
    *out = (unsigned)count;
    return true;
}

bool capacity_parse_max_inflight(struct view value, unsigned *out)
{
    return parse_count(value, CAPACITY_INFLIGHT_MAX, out);
}

bool capacity_parse_queue(struct view value, unsigned *out)
{
    return parse_count(value, CAPACITY_QUEUE_MAX, out);
}

bool capacity_parse_queue_timeout(struct view value, unsigned *out_ms)
{
    unsigned ms;
    if (!waits_parse(value, &ms) || ms > CAPACITY_QUEUE_MS_MAX)
        return false;
    *out_ms = ms;
    return true;
}

bool capacity_parse_keepalive(struct view value, enum capacity_choice *out)
{
    enum yes_no answer = yes_no_read(value);
    if (answer == YES_NO_NEITHER)
        return false;
    *out = answer == YES_NO_YES ? CAPACITY_YES : CAPACITY_NO;
    return true;
}
