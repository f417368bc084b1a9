/* What an lb-proxy leaves to the one that comes after it, by crash or on purpose, in two keepsakes: the world as lb-discovery
 * told it last; and the operator's orders, with what lb-proxy itself found out of endpoints. What is read is a stranger's
 * word. Thread: control. */
#ifndef LB_FOLLOW_LEGACY_H
#define LB_FOLLOW_LEGACY_H

#include <jansson.h>

#include "lb/base/arena.h"
#include "lb/base/keepsake.h"
#include "lb/follow/orders.h"
#include "lb/pool/pool.h"
#include "lb/route/name_map.h"

struct legacy {
    struct keepsake world, orders;
    bool is_kept;       /* this process writes; else another one may */
    bool is_world_told; /* that it could not be kept */
    uint64_t rest_hash; /* of the orders, pauses and doubts that were written last; 0: none were */
};

/* What an endpoint was that its source calls ready. */
struct legacy_doubts {
    struct name_map ids; /* that were not in use, for the faults that lb itself found */
    struct arena names;
};

/* Borrows the descriptors; -1: none. Nothing is written until legacy_keep. */
void legacy_open(struct legacy *legacy, int world_fd, int orders_fd);

/* Whether what changes is kept from now on. */
void legacy_keep(struct legacy *legacy, bool is_kept);

/* A line that was taken; `root`: it was completed by the one before, and is kept so (NULL: as it came). */
void legacy_write_world(struct legacy *legacy, struct view line, const json_t *root);

/* Orders, pauses, and which endpoints of the pool (NULL: there is none) are not in use though their source calls them ready.
 * Does nothing while all of it is as it was. */
void legacy_write_rest(struct legacy *legacy, const struct orders *orders, const struct pool *pool);

/* Gives the line in `out`. False: there is none. */
bool legacy_read_world(struct legacy *legacy, struct text *out);

/* Takes the orders, and the pauses that end within an hour from now, in place of what `orders` has. Gives `doubts`, to be handed to legacy_doubts_fini, whatever
 * comes. False: nothing is there, or nothing good; `orders` stays, and nobody is doubted. */
bool legacy_read_rest(struct legacy *legacy, uint64_t now_ms, struct orders *orders,
                      struct legacy_doubts *doubts, struct text *problem);

void legacy_doubts_fini(struct legacy_doubts *doubts);

#endif
