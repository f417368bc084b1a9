/* The new side of a hand-over (handover.h): asks who serves for its sockets and keepsakes, and serves when that has given way. */
#ifndef LB_MASTER_ARRIVAL_H
#define LB_MASTER_ARRIVAL_H

#include <stdbool.h>

#include "lb/contract/channel.h"

struct master;

/* A process has told its place, at the first start: gives whether there is an old master to be waited for; then PLACED is said
 * when its sockets are here. */
bool arrival_ask(struct master *master);

/* Whether the old one was asked, and has not given way; whether the process that is sealed is not to serve yet. */
bool arrival_is_under_way(const struct master *master);
bool arrival_is_awaited(const struct master *master);

/* The own process is ready. */
void arrival_is_ready(struct master *master);

/* The old one has said something, with descriptors: those that are taken are no longer counted. */
void arrival_hear(struct master *master, const struct channel_message *message, int *fds,
                  unsigned *fd_count);

/* The old one is gone, or says nothing: there is what there is. */
void arrival_go_on_alone(struct master *master, const char *why);

#endif
