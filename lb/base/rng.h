/* A small fast random generator (splitmix64) for request ids and jitter, not for secrets.
 * One per thread. */
#ifndef LB_BASE_RNG_H
#define LB_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

/* Seeds from the kernel. */
void rng_init(struct rng *rng);

/* splitmix64: every state gives a good next value, also zero. */
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = (rng->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

#endif
