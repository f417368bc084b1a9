/* Where listening sockets come from: the master, which keeps copies of all that it lends. Thread: control. */
#ifndef LB_RUN_LENDER_H
#define LB_RUN_LENDER_H

#include "lb/contract/channel.h"
#include "lb/net/listening.h"

struct lender {
    /* Fills `out`, which is the caller's to close. Borrows what is wanted. Fails: -errno. */
    int (*lend)(void *owner, const struct channel_socket *wanted, struct listening *out);
    /* Nobody wants it any more, and all copies are closed but the lender's. */
    void (*take_back)(void *owner, const struct channel_socket *wanted);
    void *owner;
};

#endif
