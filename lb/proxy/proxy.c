#include "lb/proxy/proxy.h"

#include "lb/proxy/client.h"
#include "lb/proxy/crowd.h"
#include "lb/proxy/dial.h"
#include "lb/proxy/entrance.h"
#include "lb/proxy/exchange.h"
#include "lb/proxy/exchange_state.h"
#include "lb/proxy/hold.h"
#include "lb/proxy/snapshot.h"
#include "lb/proxy/upstream.h"
#include "lb/proxy/upstream_cache.h"

#define KEPT_OBJECTS 4096u
#define KEPT_PARSERS 512u
#define KEPT_HOLDS   64u
#define KEPT_DIALS   256u
#define KEPT_TUNNELS 64u

void proxy_init(struct env *env, struct loop *loop, const struct env_options *options,
                unsigned worker_index)
{
    *env = (struct env){.loop = loop, .worker_index = worker_index};
    proxy_configure(env, options);
    struct service *nowhere = service_new("", 1);
    env->nowhere = service_use(nowhere, 0);
    service_unref(nowhere);
    rng_init(&env->rng);
    list_init(&env->idle_clients);
    list_init(&env->busy_clients);
    list_init(&env->with_idle);
    list_init(&env->held);
    env->started_ms = loop_now_ms(loop);
    slab_init(&env->client_slab, sizeof(struct client), KEPT_OBJECTS);
    slab_init(&env->upstream_slab, sizeof(struct upstream), KEPT_OBJECTS);
    slab_init(&env->exchange_slab, sizeof(struct exchange), KEPT_OBJECTS);
    slab_init(&env->parser_slab, sizeof(struct parser), KEPT_PARSERS);
    slab_init(&env->hold_slab, sizeof(struct hold), KEPT_HOLDS);
    slab_init(&env->dial_slab, sizeof(struct dial), KEPT_DIALS);
    slab_init(&env->tunnel_slab, sizeof(struct tunnel), KEPT_TUNNELS);
}

static bool on_full(void *owner)
{
    return crowd_relieve(owner);
}

void proxy_configure(struct env *env, const struct env_options *options)
{
    env->options = *options;
    env->loop->splices.max_count = options->max_pipe_count;
    parser_setup_init(&env->request_setup, PARSER_REQUEST, &options->request_limits);
    parser_setup_init(&env->response_setup, PARSER_RESPONSE, &options->response_limits);
    env->request_setup.held_bytes = &env->loop->blocks.used_bytes;
    env->response_setup.held_bytes = &env->loop->blocks.used_bytes;
    env->loop->blocks.max_bytes = options->max_buffer_bytes;
    env->loop->on_full = on_full;
    env->loop->full_owner = env;
    retry_budget_set_share(&env->retry_budget, options->retry_budget_percent);
}

void proxy_refresh(struct env *env)
{
    if (!snapshot_refresh(env))
        upstream_cache_sweep(env); /* it may have been taken before its states took effect */
    hold_wake(env);
}

void proxy_fini(struct env *env)
{
    pool_unref(pool_slot_collect(&env->slot));
    pool_unref(env->pool);
    service_release(env->nowhere);
    slab_fini(&env->client_slab);
    slab_fini(&env->upstream_slab);
    slab_fini(&env->exchange_slab);
    slab_fini(&env->parser_slab);
    slab_fini(&env->hold_slab);
    slab_fini(&env->dial_slab);
    slab_fini(&env->tunnel_slab);
}

void proxy_accept(struct env *env, struct listener *listener)
{
    entrance_accept(env, listener, &exchange_client_handler);
}

void proxy_leave(struct env *env)
{
    env->is_leaving = true;
}

void proxy_drain(struct env *env)
{
    crowd_drain(env);
}

void proxy_close(struct env *env)
{
    hold_give_up(env, ERR_SHUTDOWN);
    crowd_close(env);
    upstream_cache_clear(env);
}
