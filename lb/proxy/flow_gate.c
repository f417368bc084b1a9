#include "lb/proxy/flow_gate.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/proxy/flow.h"

/* What is read of a listener that closes: some thousand datagrams. */
#define LAST_BATCHES_MAX 128u

/* So many datagrams of clients are looked for at once, at the least. */
#define BATCH_MIN 2u

/* ---- datagrams of clients --------------------------------------------------------------------- */

/* Those of one flow in a row go on together. */
static void carry_all(struct flow_gate *gate, unsigned count)
{
    const struct datagram_tray *tray = gate->table->tray;
    unsigned next;
    for (unsigned first = 0; first < count; first = next) {
        const struct datagram *item = &tray->items[first];
        struct flow *flow = flow_of(gate, item);
        for (next = first + 1; next < count; next++)
            if (!address_eq(&tray->items[next].peer, &item->peer) ||
                !datagram_has_same_local(&tray->items[next], item))
                break;
        if (flow)
            flow_carry(flow, first, next - first);
    }
}

/* Room is made before each call: as much as is likely to be used. What is left the next turn gets. */
static void learn_batch(struct flow_gate *gate, unsigned most, unsigned count)
{
    if (count == most)
        gate->batch = 4 * most < DATAGRAM_TRAY_COUNT ? 4 * most : DATAGRAM_TRAY_COUNT;
    else if (count < most / 4)
        gate->batch = most / 4;
}

/* Gives whether there was anything. */
static bool read_batch(struct flow_gate *gate)
{
    assert(gate->table->answer_count == 0);
    unsigned most = gate->batch;
    int count = datagram_receive(gate->fd, gate->table->tray, 0, most);
    if (count <= 0)
        return false;
    learn_batch(gate, most, (unsigned)count);
    carry_all(gate, (unsigned)count);
    return true;
}

/* One batch a turn, so that a flood does not keep others of the loop waiting. */
static void on_uv_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    read_batch(list_entry(poll, struct flow_gate, poll));
}

/* Who has sent was early enough; a flood has no end. */
static void read_rest(struct flow_gate *gate)
{
    for (unsigned i = 0; i < LAST_BATCHES_MAX && read_batch(gate);)
        i++;
}

/* ---- the last of it --------------------------------------------------------------------------- */

static void on_uv_close(uv_handle_t *handle)
{
    free(list_entry((uv_poll_t *)handle, struct flow_gate, poll));
}

static void close_now(struct flow_gate *gate)
{
    list_unlink(&gate->node);
    uv_close((uv_handle_t *)&gate->poll, on_uv_close);
    close(gate->fd);
    if (gate->on_gone)
        gate->on_gone(gate->gone_owner);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static struct flow_table *table_of(struct env *env, int *status)
{
    if (env->flows)
        return env->flows;
    env->flows = flow_table_new(env, status);
    if (!env->flows)
        return NULL;
    env->flows->end = flow_end;
    env->flows->watch.on_ready = flow_on_ready;
    env->flows->watch.on_told = flow_on_told;
    env->flows->watch.fd_of = flow_fd_of;
    env->flows->watch.owner = env->flows;
    return env->flows;
}

static struct flow_gate *new_gate(struct flow_table *table, int fd, const struct address *at)
{
    struct flow_gate *gate = memory_new(sizeof(*gate));
    gate->table = table;
    gate->batch = BATCH_MIN;
    gate->fd = fd;
    gate->at = *at;
    gate->number = ++table->gate_number;
    gate->on_deserted = close_now;
    address_format(at, gate->text);
    return gate;
}

struct flow_gate *flow_gate_open(struct env *env, int fd, const struct address *at, int *status)
{
    struct flow_table *table = table_of(env, status);
    struct flow_gate *gate = table ? new_gate(table, fd, at) : NULL;
    if (gate)
        *status = uv_poll_init(&env->loop->uv, &gate->poll, fd);
    if (!gate || *status < 0) {
        close(fd);
        free(gate);
        return NULL;
    }
    list_append(&table->gates, &gate->node);
    uv_poll_start(&gate->poll, UV_READABLE, on_uv_poll);
    return gate;
}

/* ---- closing ---------------------------------------------------------------------------------- */

void flow_gate_tell(struct flow_gate *gate, void (*on_gone)(void *owner), void *owner)
{
    gate->on_gone = on_gone;
    gate->gone_owner = owner;
}

/* `do_so` may end the flow. */
static void for_flows_of(const struct flow_gate *gate, struct list *order,
                         void (*do_so)(struct flow *flow))
{
    list_for_each_safe (node, order) {
        struct flow *flow = list_entry(node, struct flow, in_order);
        if (flow->gate == gate)
            do_so(flow);
    }
}

void flow_gate_yield(struct flow_gate *gate)
{
    if (!gate || gate->is_closing)
        return;
    uv_poll_stop(&gate->poll);
    gate->flow_count++; /* it stays while they are told */
    gate->is_closing = true;
    for_flows_of(gate, &gate->table->answered, flow_leave);
    for_flows_of(gate, &gate->table->waiting, flow_leave);
    if (--gate->flow_count == 0)
        close_now(gate);
}

void flow_gate_close(struct flow_gate *gate)
{
    if (!gate || gate->is_closing)
        return;
    read_rest(gate);
    flow_gate_yield(gate);
}

static void end_all(struct list *order)
{
    while (!list_is_empty(order))
        flow_end(list_entry(order->next, struct flow, in_order), ERR_SHUTDOWN);
}

void flow_gate_close_all(struct env *env)
{
    struct flow_table *table = env->flows;
    if (!table)
        return;
    list_for_each_safe (node, &table->gates)
        flow_gate_close(list_entry(node, struct flow_gate, node));
    end_all(&table->answered);
    end_all(&table->waiting);
    datagram_watch_close(&table->watch);
}

bool flow_gate_is_busy(const struct env *env)
{
    return env->flows && env->flows->count > 0;
}
