/* What goes wrong with the pool, from snapshot to snapshot, and what changes in it, told to lb-report. What an operator
 * ordered is none, or one of level info; what very many things are at once is told of the first few, and the rest is
 * counted. */
#ifndef LB_FOLLOW_INCIDENTS_H
#define LB_FOLLOW_INCIDENTS_H

#include "lb/follow/crash_loops.h"
#include "lb/follow/membership.h"
#include "lb/follow/reporting.h"
#include "lb/follow/spells.h"
#include "lb/net/loop.h"
#include "lb/pool/pool.h"

/* So long a service that never had anybody may take, and discovery may be away, before that is told. */
#define INCIDENTS_PATIENCE_MS 10000u

struct incidents {
    struct loop *loop; /* NULL: it is closed */
    const struct membership *membership;
    const struct pool *pool; /* the latest; borrowed */
    struct reporting reporting;
    struct spells spells;
    struct crash_loops loops;
    struct deadline second;
    uint64_t lost_since_ms; /* discovery; 0: it is not */
    bool is_loss_told;
    bool tells_queries; /* URLs keep them */
};

/* Borrows all; zeroed memory is told nothing of. Where the outbox is open, it looks after things each second from now on.
 * `tells_queries`: URLs keep their query strings. Thread: control, as for all of this module. */
void incidents_open(struct incidents *incidents, struct loop *loop, struct outbox *outbox,
                    const struct membership *membership, bool tells_queries);

/* An endpoint has a new state, in the snapshot of that version. */
void incidents_note(struct incidents *incidents, const struct endpoint *endpoint,
                    enum endpoint_state before, uint64_t version);

/* `pool` has settled, and follows `before` (NULL: it is the first). Borrows `pool` until the next one. */
void incidents_look(struct incidents *incidents, const struct pool *pool,
                    const struct pool *before);

/* What others have found, as it is. */
void incidents_tell(struct incidents *incidents, const struct incident *incident);

/* Harmless on zeroed memory. Idempotent. */
void incidents_close(struct incidents *incidents);

#endif
