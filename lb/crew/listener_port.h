/* A TCP or UDP listener: one address with a socket for each worker, which takes the one of its number, and each
 * further one as many numbers on as there are workers. Counted:
 * referred to by control, by the sets that list it, and by each worker until it has closed its socket. */
#ifndef LB_CREW_LISTENER_PORT_H
#define LB_CREW_LISTENER_PORT_H

#include <stdatomic.h>

#include "lb/contract/protocol.h"
#include "lb/net/listening.h"

struct listener_port {
    atomic_uint ref_count;
    enum service_kind kind; /* SERVICE_TCP or SERVICE_UDP */
    unsigned worker_count;  /* who share its sockets, of which there may be more */
    struct listening listening;
};

/* Takes its sockets. Gives one reference. Thread: control. */
struct listener_port *listener_port_new(enum service_kind kind, const struct listening *listening,
                                        unsigned worker_count);

/* Thread: any, as for the next. */
struct listener_port *listener_port_ref(struct listener_port *port);

/* The last one closes the sockets that no worker has taken. NULL is allowed. */
void listener_port_unref(struct listener_port *port);

/* Whether the caller's reference is the only one: no worker has it any more, or ever will. */
bool listener_port_is_alone(const struct listener_port *port);

#endif
