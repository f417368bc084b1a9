#include "lb/follow/refusals.h"

#include <inttypes.h>

#include "lb/base/hash.h"
#include "lb/base/log.h"

static bool may_tell(struct refusals *refusals, uint64_t now_ms)
{
    if (now_ms - refusals->since_ms >= 1000) {
        refusals->since_ms = now_ms;
        refusals->told_count = 0;
    }
    return refusals->told_count++ < REFUSALS_A_SECOND;
}

void refusals_tell(struct refusals *refusals, uint64_t now_ms, struct view why)
{
    uint64_t hash = hash_view(HASH_INIT, why);
    if (hash != refusals->latest_hash && !may_tell(refusals, now_ms)) {
        refusals->untold_count++;
        return;
    }
    refusals->latest_hash = hash;
    if (refusals->untold_count > 0)
        log_warn("%" PRIu64 " lines of lb-discovery were refused besides", refusals->untold_count);
    refusals->untold_count = 0;
    log_warn("a line of lb-discovery was refused: %.*s", (int)why.len, why.ptr);
}
