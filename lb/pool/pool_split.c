#include "lb/pool/pool_split.h"

#include "lb/base/divisor.h"

/* The overprovisioning factor. */
#define OVER_NUMERATOR   7u
#define OVER_DENOMINATOR 5u

/* Both still fit where two such are multiplied. */
#define SUM_MAX UINT64_C(0x1FFFFFFF)

/* Neither becomes 0, unless it was. */
static void narrow(struct pool_split_side *side)
{
    while (side->all > SUM_MAX) {
        side->all >>= 1;
        side->usable = side->usable > 1 ? side->usable >> 1 : side->usable;
    }
}

/* Parts may be too large for the fields: the proportion stays near. */
static struct pool_split reduce(uint64_t local, uint64_t whole)
{
    uint64_t divisor = divisor_greatest(local, whole);
    bool has_both = local > 0 && local < whole;
    local /= divisor;
    whole /= divisor;
    while (whole > UINT32_MAX) {
        local >>= 1;
        whole >>= 1;
    }
    if (has_both && local == 0)
        local = 1;
    return (struct pool_split){(uint32_t)local, (uint32_t)whole};
}

struct pool_split pool_split_of(const struct pool_split_side *local,
                                const struct pool_split_side *others)
{
    struct pool_split_side here = *local, there = *others;
    if (here.usable == 0)
        return (struct pool_split){0, 1};
    narrow(&here);
    narrow(&there);
    /* Health of each side with both denominators multiplied: of `full`, which is 100 %. */
    uint64_t full = OVER_DENOMINATOR * here.all * there.all;
    uint64_t here_health = OVER_NUMERATOR * here.usable * there.all;
    uint64_t there_health = OVER_NUMERATOR * there.usable * here.all;
    if (here_health >= full)
        return (struct pool_split){1, 1};
    if (here_health + there_health >= full)
        return reduce(here_health, full);
    return reduce(here_health, here_health + there_health);
}
