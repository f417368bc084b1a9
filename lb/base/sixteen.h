/* Sixteen octets that the compiler compares at once, with what the processor has for it. Where one
 * fits, all its bits are set in what a comparison gives; octets above 127 are negative. */
#ifndef LB_BASE_SIXTEEN_H
#define LB_BASE_SIXTEEN_H

#include "lb/base/view.h"

#define SIXTEEN_TEXT_MIN 8u

typedef signed char sixteen __attribute__((vector_size(16)));

/* Those of a text from `at` on; where there are fewer, the last ones once more. It has
 * SIXTEEN_TEXT_MIN. */
static inline sixteen sixteen_of(struct view text, size_t at)
{
    sixteen octets;
    if (text.len >= sizeof(octets)) {
        size_t left = text.len - at;
        memcpy(&octets, text.ptr + (left < sizeof(octets) ? text.len - sizeof(octets) : at),
               sizeof(octets));
    } else {
        memcpy(&octets, text.ptr, 8);
        memcpy((char *)&octets + 8, text.ptr + text.len - 8, 8);
    }
    return octets;
}

/* Whether one of them fits. */
static inline bool sixteen_has(sixteen fitting)
{
    typedef uint64_t eights __attribute__((vector_size(16)));
    eights both = (eights)fitting;
    return (both[0] | both[1]) != 0;
}

#endif
