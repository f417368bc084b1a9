/* Listening sockets of this process, where lb-proxy has those that its master lends. */
#ifndef TESTS_UNIT_SUPPORT_LOCAL_SOCKETS_H
#define TESTS_UNIT_SUPPORT_LOCAL_SOCKETS_H

#include "lb/contract/channel.h"
#include "lb/crew/listener_port.h"

static inline int local_sockets_open(enum service_kind kind, const struct address *at,
                                     unsigned count, struct listening *out)
{
    return kind == SERVICE_UDP ? listening_open_datagrams(out, at, count)
                               : listening_open(out, at, count);
}

/* One reference; NULL: `*status` has -errno. */
static inline struct listener_port *
local_sockets_port(enum service_kind kind, const struct address *at, unsigned count, int *status)
{
    struct listening listening;
    *status = local_sockets_open(kind, at, count, &listening);
    return *status == 0 ? listener_port_new(kind, &listening, count) : NULL;
}

/* For struct lender. */
static inline int local_sockets_lend(void *owner, const struct channel_socket *wanted,
                                     struct listening *out)
{
    (void)owner;
    return local_sockets_open((enum service_kind)wanted->kind, &wanted->wanted, wanted->count, out);
}

static inline void local_sockets_take_back(void *owner, const struct channel_socket *wanted)
{
    unsigned *count = owner; /* of those that were taken back; NULL: nobody counts */
    (void)wanted;
    if (count)
        ++*count;
}

#endif
