/* A hand-over from one master to another, as of two containers that share a folder (--handover PATH): the one that starts
 * asks who listens there, gets its sockets and keepsakes, and serves once its own proxy process is ready and the other's has given
 * way (lb/contract/channel.h). Both sides of it are here. */
#ifndef LB_MASTER_HANDOVER_H
#define LB_MASTER_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/master/door.h"

struct master;
struct process;

enum handover_stage {
    HANDOVER_NONE,
    HANDOVER_ASKED,  /* new: waits for sockets */
    HANDOVER_HELD,   /* new: has them, and waits for its own proxy process */
    HANDOVER_TAKEN,  /* new: ready, and waits for the old one to give way */
    HANDOVER_GIVING, /* old: has given sockets */
    HANDOVER_LEFT,   /* old: what runs ends, and it, too */
};

struct handover {
    struct door door;
    enum handover_stage stage;
    int peer; /* the other master; -1: none */
    int keepsakes[CHANNEL_KEEPSAKE_COUNT]; /* the old one's; -1: none */
    uint64_t due_ns;                       /* of ASKED and of TAKEN; else 0 */
};

void handover_init(struct handover *handover);

/* A process has told its place, at the first start: gives whether there is an old master to be waited for; then PLACED is said
 * when its sockets are here. */
bool handover_ask(struct master *master);

/* Whether the process that is sealed is not to serve yet. */
bool handover_is_awaited(const struct master *master);

/* It is ready. */
void handover_is_ready(struct master *master);

/* Some process serves here: who comes next may ask. */
void handover_listen(struct master *master);

/* Its descriptors have something: the door, the other master. */
void handover_answer_door(struct master *master);
void handover_read(struct master *master);

void handover_tick(struct master *master, uint64_t now_ns);

/* The old side's succession: it has yielded; it came to nothing, for that reason. */
void handover_has_yielded(struct master *master);
void handover_has_failed(struct master *master, const char *why);

#endif
