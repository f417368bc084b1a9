/* An address that is listened on: a socket with SO_REUSEPORT for each who is to accept there, over
 * which the kernel spreads connections. Who opens it lends each to a listener and binds alone: a
 * listener gets a descriptor, wherever that comes from. Thread: any, one at a time. */
#ifndef LB_NET_LISTENING_H
#define LB_NET_LISTENING_H

#include <stdbool.h>

#include "lb/base/address.h"

struct listening {
    struct address at; /* with the port that port 0 became */
    int *fds;          /* -1: lent */
    unsigned count;
    bool is_lasting; /* see listener.h */
};

/* Binds and listens `count` times, where nobody listens yet. An IPv6 wildcard takes IPv4 too where
 * the system lets it. Fails: -errno, and nothing is left open. */
int listening_open(struct listening *listening, const struct address *at, unsigned count);

/* The same by UDP, for datagrams: see datagram.h. */
int listening_open_datagrams(struct listening *listening, const struct address *at, unsigned count);

/* Takes the sockets, which others have opened; copies the list of their descriptors. */
void listening_take(struct listening *listening, const struct address *at, const int *fds,
                    unsigned count);

/* Gives the socket of the one with that number, once; to be handed to listener_open,
 * or to who serves datagrams. */
int listening_lend(struct listening *listening, unsigned number);

/* Whether it was given. What one number has may be asked for by another thread than what others have. */
static inline bool listening_is_lent(const struct listening *listening, unsigned number)
{
    return listening->fds[number] < 0;
}

/* Closes what was not lent. Idempotent; harmless on zeroed memory. */
void listening_close(struct listening *listening);

/* Says whether nobody listens there yet: SO_REUSEPORT alone would let a second program share the
 * port in silence. Fails: -errno. */
int listening_check_free(const struct address *at);

#endif
