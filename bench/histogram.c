#include "bench/histogram.h"

/* Up to twice HISTOGRAM_STEPS each value has a slot of its own; from there on each power of two has
 * HISTOGRAM_STEPS slots. */
static unsigned slot_of(uint64_t value)
{
    unsigned shift = 0;
    while (value >> shift >= 2 * HISTOGRAM_STEPS)
        shift++;
    return shift * HISTOGRAM_STEPS + (unsigned)(value >> shift);
}

/* The greatest value of the slot. */
static uint64_t top_of(unsigned slot)
{
    unsigned shift = slot < 2 * HISTOGRAM_STEPS ? 0 : slot / HISTOGRAM_STEPS - 1;
    uint64_t step = slot - shift * HISTOGRAM_STEPS;
    return ((step + 1) << shift) - 1;
}

void histogram_note(struct histogram *histogram, uint64_t duration_ns)
{
    histogram->count++;
    histogram->slots[slot_of(duration_ns)]++;
    if (duration_ns > histogram->max_ns)
        histogram->max_ns = duration_ns;
}

uint64_t histogram_quantile_ns(const struct histogram *histogram, double share)
{
    double rest = share * (double)histogram->count;
    for (unsigned slot = 0; slot < HISTOGRAM_SLOT_COUNT; slot++) {
        rest -= (double)histogram->slots[slot];
        if (rest <= 0 && histogram->slots[slot] > 0)
            return top_of(slot) < histogram->max_ns ? top_of(slot) : histogram->max_ns;
    }
    return histogram->max_ns;
}
