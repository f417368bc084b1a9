/* FNV-1a, 64 bit: tells texts apart that nobody chose in order to look alike. Not for tables that
 * strangers fill. Pure. */
#ifndef LB_BASE_HASH_H
#define LB_BASE_HASH_H

#include <stdint.h>

#include "lb/base/view.h"

/* Of nothing: where a hash begins. */
#define HASH_INIT UINT64_C(14695981039346656037)

#define HASH_PRIME UINT64_C(1099511628211)

static inline uint64_t hash_view(uint64_t hash, struct view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (unsigned char)bytes.ptr[i]) * HASH_PRIME;
    return hash;
}

/* One text of several: its end counts too, so that "a", "b" is not "ab", "". */
static inline uint64_t hash_str(uint64_t hash, const char *text)
{
    return (hash_view(hash, view_str(text)) ^ 0xFF) * HASH_PRIME;
}

/* The finisher of MurmurHash3: each bit depends on each. */
static inline uint64_t hash_mix(uint64_t bits)
{
    bits = (bits ^ bits >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    bits = (bits ^ bits >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    return bits ^ bits >> 33;
}

#endif
