/* SipHash-2-4 with 128 bits of result (Aumasson, Bernstein 2012): a keyed hash that nobody can make,
 * or arrange, without the key. Pure but for siphash_key_init. Thread: any. */
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

/* A secret one, from the kernel; where that has none, the program ends. */
void siphash_key_init(struct siphash_key *key);

/* Of several pieces, as if they were one. */
struct siphash siphash_of(const struct siphash_key *key, const struct view *pieces, unsigned count);

#endif
