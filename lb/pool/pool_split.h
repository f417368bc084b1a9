/* How a service that prefers local endpoints divides its requests between them and the others. As the
 * priority levels of Envoy do it, with its overprovisioning factor of 1.4: the local ones get all while at
 * least five sevenths of them, by weight, can have requests; below that 1.4 times the part that can. The
 * others get the rest. Where both sides together have too little for that, as few of the others are
 * healthy either, both get by what they have. So nothing ever goes over at once. Pure. */
#ifndef LB_POOL_POOL_SPLIT_H
#define LB_POOL_POOL_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

/* Of `whole` requests in a row so many are the local ones'. `whole` 0: all alike. */
struct pool_split {
    uint32_t local;
    uint32_t whole;
};

/* Weights of endpoints, in the same unit. */
struct pool_split_side {
    uint64_t usable; /* of those that can have requests now, with what slow start leaves of it */
    uint64_t all;    /* of those and of the ones that are missing, as they are not healthy */
};

/* In lowest terms, `whole` never 0: local == whole while all go to the local ones, and local == 0 while none does.
 */
struct pool_split pool_split_of(const struct pool_split_side *local,
                                const struct pool_split_side *others);

/* Which side a turn belongs to, and which turn of that side it is: of any turns in a row each side has its
 * part, to within one. The split has a `whole`. Thread: any. */
struct pool_split_turn {
    bool is_local;
    uint64_t turn;
};

static inline struct pool_split_turn pool_split_turn(const struct pool_split *split, uint64_t turn)
{
    uint64_t rounds = turn / split->whole, place = turn % split->whole;
    uint64_t before = rounds * split->local + place * split->local / split->whole;
    uint64_t after = rounds * split->local + (place + 1) * split->local / split->whole;
    return after > before ? (struct pool_split_turn){true, before}
                          : (struct pool_split_turn){false, turn - before};
}

/* The same for a key: as the part of one side grows or shrinks only so many keys change over. */
static inline bool pool_split_is_local(const struct pool_split *split, uint64_t key)
{
    return (key >> 32) * split->whole < (uint64_t)split->local << 32;
}

#endif
