/* SipHash-2-4 with 128 bits of result: a keyed hash of short texts that nobody can make without the
 * key (Aumasson and Bernstein). Pure. Thread: any. */
#ifndef LB_BASE_SIPHASH_H
#define LB_BASE_SIPHASH_H

#include <stdint.h>

#include "lb/base/view.h"

struct siphash_key {
    uint64_t words[2]; /* of its 16 bytes, the lowest first */
};

struct siphash {
    uint64_t words[2]; /* likewise */
};

struct siphash siphash_of(const struct siphash_key *key, struct view bytes);

#endif
