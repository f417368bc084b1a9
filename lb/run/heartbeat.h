/* What a supervisor of the master (systemd) is told of this process: a sign of life, where it waits for one, and a line that says
 * how it stands. A thread that hangs gives no sign, so none goes out then. Thread: control. */
#ifndef LB_RUN_HEARTBEAT_H
#define LB_RUN_HEARTBEAT_H

#include "lb/crew/crew.h"
#include "lb/net/deadline.h"
#include "lb/pool/pool.h"
#include "lb/run/link.h"

#define HEARTBEAT_STATUS_BYTES 128

struct heartbeat {
    struct deadline due;
    struct loop *loop;
    struct crew *crew;
    struct link *link;
    unsigned every_ms; /* 0: nobody waits */
    char status[HEARTBEAT_STATUS_BYTES];
};

/* Begins to beat, as often as WELCOME wants it; the first time at once. Borrows all of it. */
void heartbeat_open(struct heartbeat *heartbeat, struct loop *loop, struct crew *crew,
                    struct link *link);

/* Tells how many endpoints get requests, if that has changed. */
void heartbeat_tell(struct heartbeat *heartbeat, const struct pool *pool);

/* Idempotent; harmless where it was not opened. */
void heartbeat_close(struct heartbeat *heartbeat);

#endif
