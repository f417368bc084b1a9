#include "lb/proxy/flow.h"

#include <assert.h>
#include <unistd.h>

#include "lb/back/tally.h"
#include "lb/policy/outlier.h"
#include "lb/proxy/flow_aim.h"
#include "lb/proxy/flow_query.h"
#include "lb/proxy/flow_report.h"

/* Answers of one flow at a time, so that others have their turn. */
#define ANSWERS_MAX 16u

/* Endpoints that refuse, while some datagrams are passed on. */
#define REFUSALS_MAX 64u

/* Of them, before a flow leaves its endpoint. */
#define BATCHES_MAX 8u

static void on_silence(struct deadline *silence);
static unsigned hear(struct flow *flow);

static void lose(const struct flow *flow, uint64_t count)
{
    counter_add(&flow->passing->lost_datagram_count, count);
}

/* ---- silence ---------------------------------------------------------------------------------- */

/* Once the time that an endpoint has without the client is over, no datagram of it puts the end off. */
static void wait_for_more(struct flow *flow)
{
    struct env *env = flow->table->env;
    uint64_t idle_ms = flow->service->policy->udp_idle_timeout_ms;
    uint64_t unasked_ms = loop_now_ms(env->loop) - flow->client_ms;
    uint64_t most_ms = idle_ms * FLOW_UNASKED_FACTOR;
    if (unasked_ms >= most_ms)
        return;
    uint64_t left_ms = most_ms - unasked_ms;
    deadline_arm(&env->loop->deadlines, &flow->silence, idle_ms < left_ms ? idle_ms : left_ms);
}

/* ---- begin and end ---------------------------------------------------------------------------- */

/* Twice where the bound was lowered: they become fewer with each new one. */
static void make_room(struct flow_table *table, const struct address *client)
{
    for (unsigned i = 0; i < 2; i++) {
        struct flow *surplus = flow_table_surplus(table, client);
        if (surplus)
            flow_end(surplus, ERR_EVICTED);
    }
}

static struct flow *begin(struct flow_gate *gate, const struct routes_target *target,
                          const struct flow_key *key, const struct datagram *item)
{
    struct flow_table *table = gate->table;
    struct env *env = table->env;
    make_room(table, &item->peer);
    struct flow *flow = flow_table_add(table, key, &item->peer);
    flow->gate = gate;
    flow->local = item->local;
    flow->service = service_use(target->service, env->fleet.worker_index, target->policy);
    flow->passing = env_passing(env, flow->service);
    flow->began_ns = loop_mono_ns(env->loop);
    flow->trouble = ERR_NO_ENDPOINT;
    deadline_init(&flow->silence, on_silence);
    gate->flow_count++;
    counter_add(&flow->passing->count, 1);
    counter_add(&flow->passing->open_count, 1);
    return flow;
}

static bool has_ip(const struct address *address, const struct address *ip)
{
    struct address at = *ip;
    if (ip->socket.any.sa_family == 0)
        return false;
    address_set_port(&at, address_port(address));
    return address_eq(&at, address);
}

/* Whether it says that it comes from a listener of lb's: the answer would be the next question, without end. */
static bool is_from_own(const struct flow_table *table, const struct datagram *item)
{
    list_for_each (node, &table->gates) {
        const struct flow_gate *gate = list_entry(node, struct flow_gate, node);
        if (address_port(&gate->at) == address_port(&item->peer) &&
            (address_eq(&gate->at, &item->peer) || has_ip(&item->peer, &item->local) ||
             address_is_loopback(&item->peer)))
            return true;
    }
    return false;
}

/* To port 0 nothing can be sent. */
static bool is_answerable(const struct flow_table *table, const struct datagram *item)
{
    return address_port(&item->peer) != 0 && !is_from_own(table, item);
}

/* What its endpoint has answered by now reaches the client, though the tray is in use. */
static void hear_out(struct flow *flow)
{
    struct flow_table *table = flow->table;
    struct datagram_tray *used = table->tray;
    if (!table->spare)
        table->spare = datagram_tray_new();
    table->tray = table->spare;
    for (unsigned left = BATCHES_MAX; left > 0 && flow->endpoint && hear(flow) > 0;)
        left--;
    flow_on_told(table);
    table->tray = used;
}

/* It may leave its endpoint. */
static void follow(struct flow *flow)
{
    if (flow->endpoint && flow->is_waiting)
        hear_out(flow);
    flow_aim_follow(flow);
}

struct flow *flow_of(struct flow_gate *gate, const struct datagram *item)
{
    struct env *env = gate->table->env;
    struct flow_key key;
    flow_table_key(gate, item, &key);
    struct flow *flow = flow_table_find(gate->table, &key);
    if (flow && flow_aim_is_due(flow, env))
        follow(flow);
    if (flow && !flow_aim_is_astray(flow))
        return flow;
    if (flow)
        flow_end(flow, flow->trouble);
    const struct routes_target *target = flow_aim_target(gate);
    if (!target || !is_answerable(gate->table, item)) {
        counter_add(&env->passing.lost_datagram_count, 1);
        return NULL;
    }
    flow = begin(gate, target, &key, item);
    flow_aim_follow(flow);
    return flow;
}

void flow_end(struct flow *flow, enum err end)
{
    struct flow_table *table = flow->table;
    struct flow_gate *gate = flow->gate;
    if (table->answer_count > 0)
        flow_on_told(table); /* some may be its own */
    flow_report_tell(flow, end);
    flow_query_drop(flow);
    flow_aim_end(flow);
    flow_aim_forget(flow);
    deadline_disarm(&flow->silence);
    service_release(flow->service);
    flow_table_remove(table, flow);
    if (--gate->flow_count == 0 && gate->is_closing)
        gate->on_deserted(gate);
}

/* ---- to the endpoint -------------------------------------------------------------------------- */

static void note_sent(struct flow *flow, unsigned first, unsigned count)
{
    const struct datagram *items = flow->table->tray->items;
    struct passing *passing = flow->passing;
    uint64_t bytes = 0;
    for (unsigned i = first; i < first + count; i++)
        bytes += items[i].len;
    flow->client_bytes += bytes;
    flow->client_datagram_count += count;
    counter_add(&passing->client_bytes, bytes);
    counter_add(&passing->client_datagram_count, count);
    if (!flow->is_heard)
        flow_query_keep(flow, &items[first + count - 1]);
}

/* What an error tells of a datagram before this one is no reason to lose this one. Gives how many are
 * done with. */
static unsigned send_some(struct flow *flow, unsigned first, unsigned count)
{
    int rc = datagram_send(flow->fd, flow->table->tray, first, count);
    if (rc > 0) {
        note_sent(flow, first, (unsigned)rc);
        return (unsigned)rc;
    }
    if (datagram_is_refusal(rc)) {
        flow_aim_refused(flow);
        return 0;
    }
    lose(flow, 1); /* too long for the way there, or no room in the kernel */
    return 1;
}

void flow_carry(struct flow *flow, unsigned first, unsigned count)
{
    struct flow_table *table = flow->table;
    flow->client_ms = loop_now_ms(table->env->loop);
    if (flow->run > 0)
        flow->last_run = flow->run;
    flow->run = 0;
    for (unsigned refusals = 0; count > 0 && flow->endpoint && refusals < REFUSALS_MAX;) {
        unsigned done = send_some(flow, first, count);
        first += done;
        count -= done;
        refusals += done == 0;
    }
    if (count > 0)
        lose(flow, count);
    flow_table_touch(table, flow, true);
    wait_for_more(flow);
}

/* ---- to the client ---------------------------------------------------------------------------- */

static void note_answered(struct flow *flow, unsigned len)
{
    struct passing *passing = flow->passing;
    flow->server_bytes += len;
    flow->server_datagram_count++;
    counter_add(&passing->server_bytes, len);
    counter_add(&passing->server_datagram_count, 1);
}

/* Those of one listener, from the first on. Gives how many are done with. */
static unsigned answer_some(struct flow_table *table, unsigned first, unsigned end)
{
    struct flow_gate *gate = table->owners[first]->gate;
    unsigned last = first + 1;
    while (last < end && table->owners[last]->gate == gate)
        last++;
    int rc = datagram_answer(gate->fd, table->tray, first, last - first);
    if (rc == -EAGAIN || rc == -ENOBUFS) {
        for (unsigned i = first; i < last; i++)
            lose(table->owners[i], 1);
        return last - first;
    }
    if (rc <= 0) {
        lose(table->owners[first], 1);
        return 1;
    }
    for (unsigned i = first; i < first + (unsigned)rc; i++)
        note_answered(table->owners[i], table->tray->items[i].len);
    return (unsigned)rc;
}

void flow_on_told(void *owner)
{
    struct flow_table *table = owner;
    unsigned end = table->answer_count;
    table->answer_count = 0;
    for (unsigned first = 0; first < end;)
        first += answer_some(table, first, end);
}

/* How many are looked for: one call for one is less than one for several that finds one. */
static unsigned expected(const struct flow *flow)
{
    unsigned count = flow->run > flow->last_run ? flow->run : flow->last_run;
    if (count > ANSWERS_MAX)
        return ANSWERS_MAX;
    return count > 0 ? count : 1;
}

static void note_first_answer(struct flow *flow)
{
    struct env *env = flow->table->env;
    flow->is_heard = true;
    flow_query_drop(flow);
    tally_answer(&env->fleet, flow->endpoint, 200);
    if (flow->first_answer_ns == 0)
        flow->first_answer_ns = loop_mono_ns(env->loop);
}

static void note_heard(struct flow *flow, unsigned count)
{
    struct flow_table *table = flow->table;
    for (unsigned i = table->answer_count; i < table->answer_count + count; i++) {
        table->owners[i] = flow;
        table->tray->items[i].peer = flow->client;
        table->tray->items[i].local = flow->local;
    }
    table->answer_count += count;
    flow->run += count;
    if (!flow->is_heard)
        note_first_answer(flow);
    outlier_note_success(flow->endpoint);
    flow_table_touch(table, flow, false);
    wait_for_more(flow);
}

/* Nobody is there: what it asked last is asked of another one. */
static void ask_another(struct flow *flow)
{
    flow_aim_refused(flow);
    const struct flow_query *query = flow->query;
    if (query && flow->endpoint)
        datagram_send_bytes(flow->fd, query->bytes, query->len);
    if (query && !flow->endpoint) {
        lose(flow, 1);
        flow_query_drop(flow);
    }
}

/* Gives how many came. */
static unsigned hear(struct flow *flow)
{
    struct flow_table *table = flow->table;
    unsigned most = expected(flow);
    if (most > DATAGRAM_TRAY_COUNT - table->answer_count)
        flow_on_told(table);
    int rc = datagram_take(flow->fd, table->tray, table->answer_count, most);
    if (datagram_is_refusal(rc))
        ask_another(flow);
    else if (rc <= 0)
        datagram_forget_errors(flow->fd);
    if (rc <= 0)
        return 0;
    note_heard(flow, (unsigned)rc);
    return (unsigned)rc;
}

void flow_on_ready(void *table, void *who)
{
    struct flow *flow = who;
    (void)table;
    if (hear(flow) > 0 && flow->gate->is_closing)
        flow_end(flow, ERR_SHUTDOWN);
}

int flow_fd_of(const void *flow)
{
    return ((const struct flow *)flow)->fd;
}

/* ---- how it ends ------------------------------------------------------------------------------ */

/* What lies in its socket unread counts: the loop may have been late. */
static void on_silence(struct deadline *silence)
{
    struct flow *flow = list_entry(silence, struct flow, silence);
    struct flow_table *table = flow->table;
    bool is_heard = flow->is_waiting && flow->endpoint && hear(flow) > 0;
    flow_on_told(table);
    if (flow->gate->is_closing)
        flow_end(flow, ERR_SHUTDOWN);
    else if (!is_heard ||
             !deadline_is_armed(silence)) /* or the client has been silent for too long */
        flow_end(flow, flow->endpoint ? ERR_IDLE : flow->trouble);
}

void flow_leave(struct flow *flow)
{
    struct env *env = flow->table->env;
    if (flow->is_waiting && flow->endpoint)
        deadline_arm(&env->loop->deadlines, &flow->silence, FLOW_LAST_ANSWER_MS);
    else
        flow_end(flow, ERR_SHUTDOWN);
}
