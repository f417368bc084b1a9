#include "lb/crew/listener_port.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct listener_port *listener_port_new(enum service_kind kind, const struct listening *listening,
                                        unsigned worker_count)
{
    struct listener_port *port = memory_new(sizeof(*port));
    atomic_init(&port->ref_count, 1);
    port->kind = kind;
    port->worker_count = worker_count;
    port->listening = *listening;
    return port;
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
