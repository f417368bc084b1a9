#include "lb/crew/listener_port.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct listener_port *listener_port_open(enum service_kind kind, const struct address *at,
                                         unsigned worker_count, int *status)
{
    struct listener_port *port = memory_new(sizeof(*port));
    atomic_init(&port->ref_count, 1);
    port->kind = kind;
    *status = kind == SERVICE_UDP ? listening_open_datagrams(&port->listening, at, worker_count)
                                  : listening_open(&port->listening, at, worker_count);
    if (*status == 0)
        return port;
    free(port);
    return NULL;
}

struct listener_port *listener_port_ref(struct listener_port *port)
{
    atomic_fetch_add_explicit(&port->ref_count, 1, memory_order_relaxed);
    return port;
}

void listener_port_unref(struct listener_port *port)
{
    if (!port || atomic_fetch_sub_explicit(&port->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    listening_close(&port->listening);
    free(port);
}

bool listener_port_is_alone(const struct listener_port *port)
{
    return atomic_load_explicit(&port->ref_count, memory_order_acquire) == 1;
}
