/* The line to another master, of either side of a hand-over (handover.h). */
#ifndef LB_MASTER_PEER_H
#define LB_MASTER_PEER_H

#include <stdbool.h>

#include "lb/contract/channel.h"

struct handover;
struct master;
enum handover_stage;

void peer_init(struct handover *handover);

/* Says it. Fails: -errno. */
int peer_say(struct handover *handover, const struct channel_message *message, const int *fds,
             unsigned fd_count);

/* Closes the line, and what came by it; the stage is this from now on. */
void peer_hang_up(struct handover *handover, enum handover_stage stage);

/* The old side: says that nothing comes of it, and why, and hangs up. */
void peer_refuse(struct handover *handover, const char *why);

/* The old side: keepsakes and sockets go over. Fails: -errno. */
int peer_lend_all(struct master *master);

/* The old side: its process has yielded; the new one may serve. Gives whether it was still there. */
bool peer_give(struct master *master);

#endif
