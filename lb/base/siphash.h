/* SipHash-2-4 (Aumasson, Bernstein 2012): a number for bytes that nobody can arrange without the key,
 * for tables that strangers fill. Pure. Thread: any. */
#ifndef LB_BASE_SIPHASH_H
#define LB_BASE_SIPHASH_H

#include <stdint.h>

#include "lb/base/view.h"

struct siphash_key {
    uint64_t halves[2];
};

/* A secret one, from the kernel; where that has none, the program ends. */
void siphash_key_init(struct siphash_key *key);

/* Of several pieces, as if they were one. */
uint64_t siphash(const struct siphash_key *key, const struct view *pieces, unsigned count);

#endif
