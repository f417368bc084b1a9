/* A hand-over from one master to another, as of two containers that share a folder (--handover PATH): the one that starts
 * asks who listens there, gets its sockets and keepsakes, and serves once its own proxy process is ready and the other's has given
 * way (lb/contract/channel.h). The new side is arrival.h, the old one is here. */
#ifndef LB_MASTER_HANDOVER_H
#define LB_MASTER_HANDOVER_H

#include <stdint.h>

struct master;

/* The door has something, or the line to the other master, of either side. */
void handover_answer_door(struct master *master);
void handover_read(struct master *master);

void handover_tick(struct master *master, uint64_t now_ns);

#endif
