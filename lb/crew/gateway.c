#include "lb/crew/gateway.h"

#include <stdlib.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/net/own_fault.h"
#include "lb/proxy/proxy.h"

struct gate {
    struct list node;
    struct gateway *gateway;
    struct listener_port *port; /* one reference, while there is a socket of it */
    struct listener listener;   /* of TCP */
    struct flow_gate *flows;    /* of UDP */
    struct deadline last_call;
    bool is_ending;
};

void gateway_init(struct gateway *gateway, struct env *env, unsigned worker_index)
{
    *gateway = (struct gateway){.env = env, .worker_index = worker_index};
    list_init(&gateway->gates);
}

/* ---- the end of one --------------------------------------------------------------------------- */

/* Its socket is closed. */
static void let_go(struct gate *gate)
{
    deadline_disarm(&gate->last_call);
    list_unlink(&gate->node);
    listener_port_unref(gate->port);
    gate->port = NULL;
}

static void on_closed(struct listener *listener)
{
    free(list_entry(listener, struct gate, listener));
}

static void on_flows_gone(void *owner)
{
    struct gate *gate = owner;
    let_go(gate);
    free(gate);
}

/* Its flows may still get an answer by its socket. */
static void close_udp(struct gate *gate)
{
    list_unlink(&gate->node);
    proxy_close_udp(gate->flows);
}

/* Those who wait are served. */
static void finish(struct gate *gate)
{
    if (gate->port->kind == SERVICE_UDP) {
        close_udp(gate);
        return;
    }
    listener_finish(&gate->listener);
    let_go(gate);
}

static void on_last_call(struct deadline *last_call)
{
    finish(list_entry(last_call, struct gate, last_call));
}

static void end(struct gate *gate)
{
    gate->is_ending = true;
    if (gate->port->kind == SERVICE_UDP) {
        close_udp(gate);
        return;
    }
    listener_stop_handshakes(&gate->listener);
    deadline_arm(&gate->gateway->env->loop->deadlines, &gate->last_call, LISTENER_HANDSHAKE_MS);
}

/* ---- the beginning of one --------------------------------------------------------------------- */

static void on_connection(void *owner, struct listener *listener)
{
    struct gate *gate = owner;
    proxy_accept_tcp(gate->gateway->env, listener, &gate->port->listening.at);
}

static int open_socket(struct gate *gate, int fd)
{
    struct env *env = gate->gateway->env;
    int rc = 0;
    if (gate->port->kind == SERVICE_UDP) {
        gate->flows = proxy_open_udp(env, fd, &gate->port->listening.at, &rc);
        if (gate->flows)
            proxy_tell_udp(gate->flows, on_flows_gone, gate);
        return rc;
    }
    rc = listener_open(&gate->listener, env->loop, fd, on_connection, gate);
    gate->listener.on_own_fault = own_fault_in_accepting;
    gate->listener.is_lasting = gate->port->listening.is_lasting;
    gate->listener.on_closed = on_closed;
    return rc;
}

static void open_gate(struct gateway *gateway, struct listener_port *port, unsigned number)
{
    char at[ADDRESS_TEXT_BYTES];
    struct gate *gate = memory_new(sizeof(*gate));
    gate->gateway = gateway;
    gate->port = listener_port_ref(port);
    deadline_init(&gate->last_call, on_last_call);
    list_append(&gateway->gates, &gate->node);
    int rc = open_socket(gate, listening_lend(&port->listening, number));
    if (rc == 0)
        return;
    log_error("worker %u cannot serve %s %s: %s", gateway->worker_index,
              service_kind_word(port->kind), address_format(&port->listening.at, at),
              uv_strerror(rc));
    let_go(gate);
    free(gate);
}

/* Its share of the port's sockets. */
static void open_gates(struct gateway *gateway, struct listener_port *port)
{
    unsigned number = gateway->worker_index;
    for (; number < port->listening.count; number += port->worker_count)
        if (!listening_is_lent(&port->listening, number))
            open_gate(gateway, port, number);
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* Calls `act` for each, which may let go of it. */
static void for_each(struct gateway *gateway, void (*act)(struct gate *gate))
{
    list_for_each_safe (node, &gateway->gates) {
        act(list_entry(node, struct gate, node));
    }
}

void gateway_take(struct gateway *gateway, const struct listener_set *set)
{
    if (gateway->is_closed)
        return;
    list_for_each_safe (node, &gateway->gates) {
        struct gate *gate = list_entry(node, struct gate, node);
        if (!gate->is_ending && !listener_set_has(set, gate->port))
            end(gate);
    }
    for (unsigned i = 0; i < set->count; i++)
        open_gates(gateway, set->ports[i]);
}

static void stop_handshakes(struct gate *gate)
{
    if (gate->port->kind == SERVICE_TCP)
        listener_stop_handshakes(&gate->listener);
}

void gateway_stop_handshakes(struct gateway *gateway)
{
    gateway->is_closed = true;
    for_each(gateway, stop_handshakes);
}

void gateway_finish(struct gateway *gateway)
{
    for_each(gateway, finish);
}

/* One that was about to end is nobody's afterwards. */
static void yield(struct gate *gate)
{
    if (gate->is_ending) {
        finish(gate);
        return;
    }
    if (gate->port->kind == SERVICE_UDP) {
        list_unlink(&gate->node);
        proxy_yield_udp(gate->flows);
        return;
    }
    listener_close(&gate->listener);
    let_go(gate);
}

void gateway_yield(struct gateway *gateway)
{
    gateway->is_closed = true;
    for_each(gateway, yield);
}

static void close_gate(struct gate *gate)
{
    if (gate->port->kind == SERVICE_UDP) {
        close_udp(gate);
        return;
    }
    listener_close(&gate->listener);
    let_go(gate);
}

void gateway_close(struct gateway *gateway)
{
    gateway->is_closed = true;
    for_each(gateway, close_gate);
}
