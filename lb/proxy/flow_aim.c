#include "lb/proxy/flow_aim.h"

#include <unistd.h>

#include "lb/back/outcome.h"
#include "lb/back/tally.h"
#include "lb/net/fault.h"
#include "lb/policy/algorithm.h"
#include "lb/proxy/flow_table.h"
#include "lb/proxy/snapshot.h"

#define TRIES_MAX 4u

/* ---- whom it may go to ------------------------------------------------------------------------ */

const struct routes_target *flow_aim_target(struct flow_gate *gate)
{
    const struct pool *pool = gate->table->env->pool;
    if (!pool || gate->version == pool->version)
        return pool ? gate->target : NULL;
    const struct listener_entry *entry =
        pool->listeners.table ? listener_table_find(pool->listeners.table, SERVICE_UDP, &gate->at)
                              : NULL;
    gate->version = pool->version;
    gate->target =
        entry ? pool_listeners_target(&pool->listeners, listener_entry_default(entry)) : NULL;
    return gate->target;
}

bool flow_aim_is_astray(const struct flow *flow)
{
    if (flow->endpoint)
        return false;
    const struct routes_target *target = flow_aim_target(flow->gate);
    return !target || target->service != service_of(flow->service);
}

/* Its service in the snapshot; one that has left and come back is another one. */
static const struct pool_service *listed_of(const struct flow *flow)
{
    const struct service *service = service_of(flow->service);
    const struct pool_service *listed =
        pool_find_kind(flow->table->env->pool, view_str(service->name), service->kind);
    return listed && listed->kept == service ? listed : NULL;
}

/* ---- the choice ------------------------------------------------------------------------------- */

static struct endpoint *pick(const struct flow *flow, const struct pool_service *listed,
                             struct balance_tried *tried)
{
    if (!listed || listed->is_paused)
        return NULL;
    if (listed->turn_count > 0)
        return balance_pick(listed, tried);
    const struct algorithm_key key =
        algorithm_key_of(&flow->client, listed->policy->balance.algorithm);
    return algorithm_pick(listed, tried, &key);
}

/* ---- taking one, and giving it up ------------------------------------------------------------- */

static void forget_query(struct flow *flow)
{
    flow->unheard_count = 0;
    flow->is_heard = false;
    flow->run = flow->last_run = 0;
}

void flow_aim_end(struct flow *flow)
{
    struct env *env = flow->table->env;
    struct endpoint *endpoint = flow->endpoint;
    if (!endpoint)
        return;
    datagram_watch_forget(&flow->table->watch, flow);
    close(flow->fd);
    flow->fd = -1;
    endpoint_count_inflight(fleet_local(&env->fleet, endpoint), -1);
    if (flow->has_place)
        admit_release(endpoint);
    flow->endpoint = NULL;
    flow->has_place = false;
    forget_query(flow);
    flow->latest = endpoint;
}

void flow_aim_forget(struct flow *flow)
{
    if (flow->latest)
        endpoint_unref(flow->latest);
    flow->latest = NULL;
}

/* Where descriptors or local ports have run out, an older flow has one. */
static int open_socket(struct flow *flow, const struct endpoint *endpoint)
{
    int fd = datagram_connect(&endpoint->address);
    if (fd >= 0 || !(fault_is_shortage(fd) || fd == -EAGAIN))
        return fd;
    struct flow *oldest = flow_table_oldest(flow->table, flow);
    if (!oldest)
        return fd;
    flow->table->end(oldest, ERR_EVICTED);
    return datagram_connect(&endpoint->address);
}

/* Gives a socket that is watched, or -errno. */
static int open_watched(struct flow *flow, const struct endpoint *endpoint)
{
    int fd = open_socket(flow, endpoint);
    int rc = fd < 0 ? fd : datagram_watch_add(&flow->table->watch, fd, flow);
    if (rc < 0 && fd >= 0)
        close(fd);
    return rc < 0 ? rc : fd;
}

static enum err take(struct flow *flow, struct endpoint *endpoint)
{
    struct env *env = flow->table->env;
    enum admit place = admit_try(endpoint);
    if (place == ADMIT_FULL)
        return ERR_QUEUE_FULL;
    int fd = open_watched(flow, endpoint);
    if (fd < 0) {
        if (place == ADMIT_PLACE)
            admit_release(endpoint);
        if (env->on_own_fault)
            env->on_own_fault(fd);
        return datagram_is_refusal(fd) ? ERR_REFUSED : ERR_NO_SOCKET;
    }
    flow_aim_end(flow);
    flow_aim_forget(flow);
    flow->endpoint = endpoint_ref(endpoint);
    flow->fd = fd;
    flow->has_place = place == ADMIT_PLACE;
    flow->attempt_count++;
    endpoint_count_inflight(fleet_local(&env->fleet, endpoint), 1);
    return ERR_OK;
}

/* ---- following the snapshot ------------------------------------------------------------------- */

static enum err lack_of(const struct pool_service *listed)
{
    if (!listed)
        return ERR_NO_ENDPOINT;
    if (listed->is_paused)
        return ERR_PAUSED;
    return balance_has_usable(listed, NULL) ? ERR_QUEUE_FULL : ERR_NO_ENDPOINT;
}

/* Tries to have another one than `flow->endpoint`, which stays where there is none. */
static enum err try_one(struct flow *flow, const struct pool_service *listed,
                        struct balance_tried *tried)
{
    struct endpoint *endpoint = pick(flow, listed, tried);
    if (!endpoint)
        return lack_of(listed);
    enum err trouble = endpoint == flow->endpoint ? ERR_OK : take(flow, endpoint);
    if (trouble == ERR_REFUSED)
        balance_note_tried(tried, endpoint);
    return trouble;
}

/* The same. Of those that no way leads to only some are tried for a datagram. */
static void move(struct flow *flow, const struct pool_service *listed, struct balance_tried *tried)
{
    enum err trouble = try_one(flow, listed, tried);
    for (unsigned i = 1; trouble == ERR_REFUSED && i < TRIES_MAX; i++)
        trouble = try_one(flow, listed, tried);
    if (!flow->endpoint)
        flow->trouble = trouble;
}

/* By another name or weight it is the same server, and the flow does not have to begin anew with it. One that was
 * gone in between is not: it counts in other places. */
static struct endpoint *heir_of(const struct pool_service *listed, struct endpoint *endpoint)
{
    for (unsigned i = 0; i < listed->endpoint_count; i++)
        if (listed->endpoints[i] == endpoint)
            return endpoint;
    for (unsigned i = 0; i < listed->endpoint_count; i++)
        if (listed->endpoints[i]->locals == endpoint->locals &&
            address_eq(&listed->endpoints[i]->address, &endpoint->address))
            return listed->endpoints[i];
    return NULL;
}

static void pass_on(struct flow *flow, struct endpoint *heir)
{
    if (heir == flow->endpoint)
        return;
    struct endpoint *before = flow->endpoint;
    flow->endpoint = endpoint_ref(heir); /* they count in the same places */
    endpoint_unref(before);
}

/* Its endpoint as the snapshot has it. */
static void follow_endpoint(struct flow *flow, const struct pool_service *listed)
{
    struct endpoint *heir = listed && flow->endpoint ? heir_of(listed, flow->endpoint) : NULL;
    if (heir)
        pass_on(flow, heir);
    else if (flow->endpoint)
        flow_aim_end(flow);
}

/* Who leaves in order, or by order, goes on with what it has, and so does one that comes back from that and has
 * its first contact before it. */
static bool may_stay(const struct pool_service *listed, const struct endpoint *endpoint)
{
    enum endpoint_state state = endpoint_state(endpoint);
    return pool_may_use(listed, endpoint) || state == ENDPOINT_DRAINING ||
           state == ENDPOINT_DISABLED || state == ENDPOINT_PROBING;
}

static const struct pool_service *follow(struct flow *flow)
{
    struct env *env = flow->table->env;
    const struct pool_service *listed = listed_of(flow);
    if (flow->version != env->pool->version)
        follow_endpoint(flow, listed);
    flow->version = env->pool->version;
    if (listed && flow->service->policy != listed->policy)
        service_take_policy(flow->service, listed->policy);
    return listed;
}

void flow_aim_follow(struct flow *flow)
{
    struct env *env = flow->table->env;
    struct balance_tried none = {.worker_index = env->fleet.worker_index};
    const struct pool_service *listed = follow(flow);
    if (listed && flow->endpoint && may_stay(listed, flow->endpoint))
        return;
    move(flow, listed, &none);
    if (!flow->endpoint && snapshot_refresh(env))
        move(flow, follow(flow), &none);
    balance_tried_fini(&none);
}

/* ---- one that refuses ------------------------------------------------------------------------- */

static void blame(struct env *env, const struct flow *flow)
{
    tally_failure(&env->fleet, flow->service, flow->endpoint, ERR_REFUSED);
    outcome_failed(&env->fleet, flow->service, flow->endpoint, ERR_REFUSED, false, NULL);
}

void flow_aim_refused(struct flow *flow)
{
    struct env *env = flow->table->env;
    struct balance_tried latest = {.worker_index = env->fleet.worker_index};
    struct balance_tried *tried = flow->query ? &flow->query->tried : &latest;
    blame(env, flow);
    balance_note_tried(tried, flow->endpoint);
    flow_aim_end(flow);
    move(flow, listed_of(flow), tried);
    if (!flow->endpoint)
        flow->trouble = ERR_REFUSED;
    balance_tried_fini(&latest);
}
