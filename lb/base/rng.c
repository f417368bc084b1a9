#include "lb/base/rng.h"

#include <sys/random.h>

#include "lb/base/clock.h"

void rng_init(struct rng *rng)
{
    if (getrandom(&rng->state, sizeof(rng->state), 0) != sizeof(rng->state))
        rng->state = clock_mono_ns();
}
