/* What two numbers can both be divided by. Pure. Thread: any. */
#ifndef LB_BASE_DIVISOR_H
#define LB_BASE_DIVISOR_H

#include <stdint.h>

/* The greatest one; of 0 and a number it is that number. */
static inline uint64_t divisor_greatest(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

#endif
