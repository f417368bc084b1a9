/* Sixteen octets that the compiler compares at once, with what the processor has for it. Where one
 * fits, all its bits are set in what a comparison gives; octets above 127 are negative. */
#ifndef LB_BASE_SIXTEEN_H
#define LB_BASE_SIXTEEN_H

#include "lb/base/view.h"

#define SIXTEEN_TEXT_MIN 8u

typedef signed char sixteen __attribute__((vector_size(16)));
typedef uint64_t sixteen_halves __attribute__((vector_size(16)));

static inline uint64_t sixteen_half(const char *eight)
{
    uint64_t half;
    memcpy(&half, eight, sizeof(half));
    return half;
}

/* Those of a text from `at` on; where there are fewer, the last ones once more. It has
 * SIXTEEN_TEXT_MIN. */
static inline sixteen sixteen_of(struct view text, size_t at)
{
    sixteen octets;
    if (text.len < sizeof(octets))
        return (sixteen)(sixteen_halves){sixteen_half(text.ptr),
                                         sixteen_half(text.ptr + text.len - 8)};
    if (at > text.len - sizeof(octets))
        at = text.len - sizeof(octets);
    memcpy(&octets, text.ptr + at, sizeof(octets));
    return octets;
}

/* Whether one of them fits. */
static inline bool sixteen_has(sixteen_halves fitting)
{
    return (fitting[0] | fitting[1]) != 0;
}

#endif
