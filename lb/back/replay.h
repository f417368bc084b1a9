/* The body bytes of a request that were taken from the client and sent, kept while they are few, so
 * that the request can be sent again. */
#ifndef LB_BACK_REPLAY_H
#define LB_BACK_REPLAY_H

#include <stdbool.h>
#include <sys/uio.h>

#include "lb/base/block.h"

/* As much as one read brings, with its chunk framing. */
#define REPLAY_BYTES_MAX (65536u + 64u)

/* Where portions are smaller, no more than one is kept. */
#define REPLAY_TIGHT_BYTES 16384u

struct replay {
    struct block_pool *blocks; /* borrowed */
    struct block_queue body;   /* framed as it was sent */
    bool is_complete;          /* nothing was forgotten */
};

/* Nothing was sent yet. */
void replay_init(struct replay *replay, struct block_pool *blocks);

/* Keeps a copy, or forgets everything when it gets too much. */
void replay_note(struct replay *replay, const struct iovec *pieces, unsigned count);

/* Gives the memory back; what was sent cannot be sent again. */
void replay_forget(struct replay *replay);

#endif
