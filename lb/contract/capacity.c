#include "lb/contract/capacity.h"

#include "lb/base/yes_no.h"

bool capacity_parse_max_inflight(struct view value, unsigned *out)
{
    uint64_t count = 0;
    if (!view_eq_nocase(value, VIEW("off")) &&
        !view_parse_u64(value, CAPACITY_INFLIGHT_MAX, &count))
        return false;
    *out = (unsigned)count;
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
