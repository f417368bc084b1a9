#include "lb/route/share_ring.h"

#include "lb/base/divisor.h"

/* A place times a step is to stay within 64 bits. */
#define PLACES_MAX (UINT64_C(1) << 31)

/* The golden section of 2^32: of all steps it leaves the smallest gaps. */
#define GOLDEN UINT64_C(2654435769)

static uint64_t divisor_of(const uint32_t *weights, unsigned count)
{
    uint64_t divisor = 0;
    for (unsigned i = 0; i < count; i++)
        divisor = divisor_greatest(weights[i], divisor);
    return divisor ? divisor : 1;
}

static uint64_t sum_of(const uint32_t *weights, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += weights[i];
    return sum;
}

/* Whoever has a weight keeps a place. */
static uint64_t scaled(uint32_t weight, uint64_t divisor)
{
    uint64_t places = weight / divisor;
    return weight > 0 && places == 0 ? 1 : places;
}

static uint64_t step_of(uint64_t place_count)
{
    uint64_t step = (place_count * GOLDEN) >> 32;
    if (step == 0)
        return 1;
    while (divisor_greatest(step, place_count) > 1)
        step++;
    return step;
}

void share_ring_init(struct share_ring *ring, const uint32_t *weights, unsigned count)
{
    uint64_t divisor = divisor_of(weights, count);
    uint64_t places = sum_of(weights, count) / divisor;
    if (places >= PLACES_MAX)
        divisor *= places / (PLACES_MAX - count) + 1;
    *ring = (struct share_ring){.count = count};
    for (unsigned i = 0; i < count; i++) {
        ring->place_count += scaled(weights[i], divisor);
        ring->ends[i] = ring->place_count;
    }
    ring->step = step_of(ring->place_count);
}

unsigned share_ring_pick(const struct share_ring *ring, uint64_t turn)
{
    if (ring->place_count == 0)
        return SHARE_RING_NOBODY;
    uint64_t place = turn % ring->place_count * ring->step % ring->place_count;
    unsigned index = 0;
    while (place >= ring->ends[index])
        index++;
    return index;
}
