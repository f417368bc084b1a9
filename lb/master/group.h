/* The sockets of one address, over which the kernel spreads connections and datagrams: one for each worker, where that can be
 * had. A socket that somebody else opened (systemd) is alone, or its group takes nobody of another user. Thread: the master's. */
#ifndef LB_MASTER_GROUP_H
#define LB_MASTER_GROUP_H

#include "lb/contract/channel.h"

/* Adds to `count` sockets (at least one) until there are `wanted`, at most `most`. Of TCP what cannot be bound is the same
 * socket once more: its workers wake together, which costs a little and loses nothing. Of UDP there are fewer then, as the
 * datagrams of a client are to come to one worker. Gives how many there are. */
unsigned group_grow(int *fds, unsigned count, unsigned wanted, unsigned most, uint32_t kind,
                    const struct address *bound);

#endif
