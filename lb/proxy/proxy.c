#include "lb/proxy/proxy.h"

#include <stdlib.h>

#include "lb/back/fleet.h"
#include "lb/back/upstream_cache.h"
#include "lb/front/crowd.h"
#include "lb/front/entrance.h"
#include "lb/policy/library.h"
#include "lb/proxy/exchange.h"
#include "lb/proxy/exchange_state.h"
#include "lb/proxy/flow_gate.h"
#include "lb/proxy/flow_table.h"
#include "lb/proxy/hold.h"
#include "lb/proxy/mirror.h"
#include "lb/proxy/passage.h"
#include "lb/proxy/passage_state.h"
#include "lb/proxy/queue.h"
#include "lb/proxy/snapshot.h"
#include "lb/proxy/tls_terms.h"

#define KEPT_EXCHANGES 4096u
#define KEPT_PARSERS   512u
#define KEPT_HOLDS     64u
#define KEPT_TUNNELS   1024u
#define KEPT_PASSAGES  1024u
#define KEPT_HELLOS    64u
#define KEPT_QUEUES    16u
#define KEPT_WAITS     256u

static void open_nowhere(struct env *env, const struct service_policy *values)
{
    struct service *nowhere = service_new("", SERVICE_HTTP, 1);
    struct service_policy *policy = service_policy_new(values);
    env->nowhere = service_use(nowhere, 0, policy);
    service_policy_unref(policy);
    service_unref(nowhere);
}

/* For requests that come before the first snapshot. */
static void take_policy(struct env *env, const struct service_policy *values)
{
    struct service_policy *policy = service_policy_new(values);
    service_take_policy(env->nowhere, policy);
    service_policy_unref(policy);
}

void proxy_init(struct env *env, struct loop *loop, const struct env_options *options,
                unsigned worker_index)
{
    *env = (struct env){.loop = loop};
    env->running = &env->running_here;
    crowd_init(&env->crowd, loop, &env->metrics, &env->parser_slab);
    fleet_init(&env->fleet, loop, &env->metrics, &env->parser_slab, worker_index);
    open_nowhere(env, &options->policy);
    proxy_configure(env, options);
    rng_init(&env->rng);
    env->scratch = pattern_scratch_new();
    hold_init(env);
    queue_init(env);
    errand_turn_init(&env->sign_ins, loop);
    env->started_ms = loop_now_ms(loop);
    env->notables = notables_new(&env->told_from_ns);
    slab_init(&env->exchange_slab, sizeof(struct exchange), KEPT_EXCHANGES);
    slab_init(&env->parser_slab, sizeof(struct parser), KEPT_PARSERS);
    slab_init(&env->hold_slab, sizeof(struct hold), KEPT_HOLDS);
    slab_init(&env->tunnel_slab, sizeof(struct tunnel), KEPT_TUNNELS);
    slab_init(&env->passage_slab, sizeof(struct passage), KEPT_PASSAGES);
    slab_init(&env->hello_slab, sizeof(struct client_hello), KEPT_HELLOS);
    slab_init(&env->queue_slab, sizeof(struct queue), KEPT_QUEUES);
    slab_init(&env->wait_slab, sizeof(struct queue_wait), KEPT_WAITS);
}

void proxy_count_at(struct env *env, _Atomic uint32_t *running)
{
    env->running = running;
}

static bool on_full(void *owner)
{
    struct env *env = owner;
    return crowd_relieve(&env->crowd);
}

void proxy_configure(struct env *env, const struct env_options *options)
{
    crowd_configure(&env->crowd, &options->front);
    fleet_configure(&env->fleet, &options->back);
    env->options = options->exchange;
    env->loop->splices.max_count = env->options.max_pipe_count;
    env->loop->blocks.max_bytes = env->options.max_buffer_bytes;
    env->loop->on_full = on_full;
    env->loop->full_owner = env;
    take_policy(env, &options->policy);
}

void proxy_take_library(struct env *env, struct library *library)
{
    library_unref(env->library);
    env->library = library;
    backend_tls_take_library(&env->fleet.tls, library);
}

void proxy_take_certificates(struct env *env, struct tls_store *store)
{
    tls_store_unref(env->certificates);
    env->certificates = store;
}

bool proxy_speak_tls(struct env *env, const struct env_tls_options *options, struct text *problem)
{
    return tls_terms_take(env, options, problem);
}

void proxy_refresh(struct env *env)
{
    if (!snapshot_refresh(env))
        upstream_cache_sweep(&env->fleet,
                             env->pool); /* it may have been taken before its states took effect */
    hold_wake(env);
    queue_wake(env);
    passage_refresh(env);
}

void proxy_serve(struct env *env)
{
    upstream_cache_yield(&env->fleet);
    queue_wake(env);
}

void proxy_fini(struct env *env)
{
    pool_unref(pool_slot_collect(&env->slot));
    pool_unref(env->pool);
    table_use_end(env->table_use);
    flow_table_free(env->flows);
    service_release(env->nowhere);
    pattern_scratch_free(env->scratch);
    library_unref(env->library);
    tls_server_free(env->tls_server);
    tls_store_unref(env->certificates);
    free(env->auth_cache);
    notables_free(env->notables);
    crowd_fini(&env->crowd);
    fleet_fini(&env->fleet);
    slab_fini(&env->exchange_slab);
    slab_fini(&env->parser_slab);
    slab_fini(&env->hold_slab);
    slab_fini(&env->tunnel_slab);
    slab_fini(&env->passage_slab);
    slab_fini(&env->hello_slab);
    slab_fini(&env->queue_slab);
    slab_fini(&env->wait_slab);
}

void proxy_accept(struct env *env, struct listener *listener)
{
    entrance_accept(&env->crowd, listener, &exchange_front_handler);
}

void proxy_accept_tls(struct env *env, struct listener *listener, const struct address *at)
{
    if (passage_is_beside(env, at))
        passage_accept_beside(env, listener, at);
    else
        entrance_accept_tls(&env->crowd, listener, &exchange_front_handler);
}

void proxy_accept_tcp(struct env *env, struct listener *listener, const struct address *at)
{
    passage_accept(env, listener, at);
}

struct flow_gate *proxy_open_udp(struct env *env, int fd, const struct address *at, int *status)
{
    return flow_gate_open(env, fd, at, status);
}

void proxy_close_udp(struct flow_gate *gate)
{
    flow_gate_close(gate);
}

void proxy_yield_udp(struct flow_gate *gate)
{
    flow_gate_yield(gate);
}

void proxy_tell_udp(struct flow_gate *gate, void (*on_gone)(void *owner), void *owner)
{
    flow_gate_tell(gate, on_gone, owner);
}

bool proxy_is_busy(const struct env *env)
{
    return env->crowd.client_count > 0 || flow_gate_is_busy(env);
}

void proxy_leave(struct env *env)
{
    env->crowd.is_leaving = true;
}

void proxy_drain(struct env *env)
{
    crowd_drain(&env->crowd);
}

void proxy_close(struct env *env)
{
    mirror_give_up(env);
    hold_give_up(env, ERR_SHUTDOWN);
    queue_give_up(env, ERR_SHUTDOWN);
    crowd_close(&env->crowd);
    flow_gate_close_all(env);
    upstream_cache_clear(&env->fleet);
}
