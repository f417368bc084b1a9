#include "tests/sim/world.h"

#include "lb/net/socket.h"
#include "lb/observe/record.h"
#include "lb/pool/pool_build.h"
#include "lb/proxy/proxy.h"
#include "tests/sim/sim_check.h"

#define ENDPOINTS_MAX 512u

const struct env_options world_usual = {
    .front = {.head_timeout_ms = 1000,
              .idle_timeout_ms = 2000,
              .body_timeout_ms = 4000,
              .max_client_count = 100,
              .max_refused_count = 32,
              .limits = {.max_head_bytes = 16384,
                         .max_target_bytes = 8192,
                         .max_field_count = 100}},
    .back = {.limits = {.max_head_bytes = 65536, .max_field_count = 100}},
    .exchange = {.max_buffer_bytes = UINT64_MAX,
                 .max_held_count = 3,
                 .max_pipe_count = SPLICE_COUNT_MAX,
                 .service = {"appserver", 9}},
    .policy = {.connect_timeout_ms = 300,
               .far_connect_timeout_ms = 300,
               .last_connect_timeout_ms = 5000,
               .wait_ms = {[WAIT_RESPONSE] = 30000, [WAIT_BODY] = 4000, [WAIT_STREAM] = 8000},
               .dead_after_ms = 6000,
               .tunnel_timeout_ms = 16000,
               .upstream_idle_timeout_ms = 2500,
               .retry = {.attempts_max = RETRY_USUAL_ATTEMPTS_MAX,
                         .replays_max = RETRY_USUAL_REPLAYS_MAX,
                         .budget_percent = 100}},
};

/* ---- far ends ------------------------------------------------------------------------------- */

static void on_written(struct pretend_uv_wire *wire, struct view bytes)
{
    text_append(&wire->got, bytes);
}

static void ignore_bytes(struct pretend_uv_wire *wire, struct view bytes)
{
    (void)wire, (void)bytes;
}

static void ignore_end(struct pretend_uv_wire *wire, int status)
{
    (void)wire, (void)status;
}

static void ignore(struct pretend_uv_wire *wire)
{
    (void)wire;
}

static void on_connect(struct pretend_uv_wire *wire)
{
    wire->room = WORLD_ROOM;
}

const struct pretend_uv_hooks world_hooks = {
    .on_read = ignore_bytes,
    .on_read_end = ignore_end,
    .on_written = on_written,
    .on_write_end = ignore,
    .on_connect = on_connect,
};

struct pretend_uv_wire *world_client(struct world *world)
{
    (void)world;
    return world_client_from("192.0.2.7:4711");
}

struct pretend_uv_wire *world_client_from(const char *address)
{
    struct address at;
    SIM_CHECK(address_parse(view_str(address), &at));
    struct pretend_uv_wire *wire = pretend_uv_new_client(&at, WORLD_ROOM);
    pretend_uv_settle();
    return wire;
}

struct pretend_uv_wire *world_backend(unsigned at)
{
    list_for_each (node, &pretend_uv.wires) {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        if (wire->kind == PRETEND_UV_UPSTREAM && at-- == 0)
            return wire;
    }
    return NULL;
}

void world_say(struct pretend_uv_wire *wire, const char *bytes)
{
    text_append_str(&wire->sent, bytes);
    pretend_uv_settle();
}

void world_say_filler(struct pretend_uv_wire *wire, size_t count)
{
    while (count-- > 0)
        text_append_char(&wire->sent, 'x');
    pretend_uv_settle();
}

void world_end(struct pretend_uv_wire *wire)
{
    wire->has_shut = true;
    pretend_uv_settle();
}

void world_reset(struct pretend_uv_wire *wire)
{
    wire->has_reset = true;
    pretend_uv_settle();
}

void world_take(struct pretend_uv_wire *wire, size_t room)
{
    wire->room += room;
    pretend_uv_settle();
}

void world_connect(struct pretend_uv_wire *wire, int status)
{
    wire->connect = status == 0 ? PRETEND_UV_CONNECTED : PRETEND_UV_NOT_CONNECTED;
    wire->connect_status = status;
    pretend_uv_settle();
}

const char *world_hear(struct pretend_uv_wire *wire)
{
    size_t from = wire->heard;
    wire->heard = wire->got.len;
    return text_str(&wire->got) + from;
}

const char *world_word_of(const struct pretend_uv_wire *wire)
{
    if (!wire)
        return "none";
    if (wire->was_reset)
        return "reset";
    if (wire->was_closed)
        return "closed";
    if (wire->connect != PRETEND_UV_CONNECTED)
        return "connecting";
    return wire->was_shut ? "fin" : "open";
}

/* ---- the pool ------------------------------------------------------------------------------- */

/* As if a probe succeeded at once: it is ready in the next snapshot. */
static void admit(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)before;
    endpoint->is_admitted = endpoint_state(endpoint) == ENDPOINT_PROBING || endpoint->is_admitted;
}

static void build(struct world *world, struct pool_wanted *wanted)
{
    struct pool_rules rules = {
        .worker_count = 1, .now_ms = loop_now_ms(&world->loop), .policy = world->policy};
    struct pool *next = pool_build(world->pool, wanted, &rules);
    pool_build_settle(next, world->pool, admit, NULL);
    pool_unref(world->pool);
    world->pool = next;
}

static enum endpoint_state state_of(char letter)
{
    switch (letter) {
    case 'd':
        return ENDPOINT_DRAINING;
    case 'p':
        return ENDPOINT_PAUSED;
    case 'u':
        return ENDPOINT_UNHEALTHY;
    default:
        return ENDPOINT_READY;
    }
}

void world_offer(struct world *world, struct view letters)
{
    static const char *const words[8] = {"one",  "two", "three", "four",
                                         "five", "six", "seven", "eight"};
    char ids[ENDPOINTS_MAX][16];
    struct pool_wanted_endpoint endpoints[ENDPOINTS_MAX];
    const struct pool_wanted_order order = {"appserver", POOL_WANTED_NO_SHARE,
                                            world->paused_until_ms};
    struct pool_wanted_service service = {.name = "appserver"};
    if (world->balance)
        service.options.values[SERVICE_OPTION_BALANCE] = view_str(world->balance);
    struct pool_wanted wanted = {.endpoints = endpoints,
                                 .services = &service,
                                 .service_count = world->balance != NULL,
                                 .routed = "appserver",
                                 .routes = world->routes,
                                 .listeners = world->listeners,
                                 .orders = &order,
                                 .order_count = 1,
                                 .is_followed = true};
    wanted.unrouted = world->routes ? ERR_NO_ROUTE : ERR_OK;
    SIM_CHECK(letters.len <= ENDPOINTS_MAX);
    for (unsigned i = 0; i < letters.len; i++) {
        char ip[24];
        if (i < 8)
            snprintf(ids[i], sizeof(ids[i]), "%s", words[i]);
        else
            snprintf(ids[i], sizeof(ids[i]), "two%03u", i); /* after the others */
        struct pool_wanted_endpoint endpoint = {
            .service = "appserver",
            .kind = world->kind,
            .protocol = world->kind == SERVICE_TCP ? PROTOCOL_TCP : PROTOCOL_HTTP,
            .id = ids[i],
            .name = ids[i],
            .weight = 1,
            .state = state_of(letters.ptr[i]),
            .cause = "list"};
        snprintf(ip, sizeof(ip), "10.0.%u.%u", i / 250, i % 250 + 1);
        SIM_CHECK(address_parse_ip(view_str(ip), 80, &endpoint.address));
        if (letters.ptr[i] != 'g')
            endpoints[wanted.endpoint_count++] = endpoint;
    }
    build(world, &wanted);
    build(world, &wanted);
    pool_slot_offer(&world->env.slot, world->pool);
}

void world_publish(struct world *world, const char *letters)
{
    world_offer(world, view_str(letters));
    proxy_refresh(&world->env);
    pretend_uv_settle();
}

/* ---- the worker ----------------------------------------------------------------------------- */

static void on_connection(void *owner, struct listener *listener)
{
    proxy_accept(owner, listener);
}

static void note_text(char *room, size_t size, struct view text)
{
    snprintf(room, size, "%.*s", (int)text.len, text.len > 0 ? text.ptr : "");
}

static void on_record(void *owner, const struct record *record)
{
    struct world *world = owner;
    world->record_count++;
    world->end = record->end;
    world->status = record->status;
    world->attempt_count = record->attempt_count;
    world->replay_count = record->replay_count;
    world->request_body_bytes = record->request_body_bytes;
    world->response_body_bytes = record->response_body_bytes;
    world->record_kind = record->kind;
    note_text(world->host, sizeof(world->host), record->host);
    note_text(world->endpoint, sizeof(world->endpoint), record->endpoint_name);
}

void world_begin(struct world *world, const struct env_options *options,
                 const struct pretend_uv_hooks *far_ends, void (*accept)(void *, struct listener *))
{
    struct address at;
    *world = (struct world){.policy = options->policy};
    pretend_uv_init(far_ends);
    SIM_CHECK(loop_init(&world->loop) == 0);
    proxy_init(&world->env, &world->loop, options, 0);
    world->env.rng.state = 1;
    world->env.on_record = on_record;
    world->env.record_owner = world;
    SIM_CHECK(address_parse(VIEW("127.0.0.1:8000"), &at));
    SIM_CHECK(listener_open(&world->listener, &world->loop, socket_listen(&at), accept,
                            &world->env) == 0);
}

void world_open(struct world *world, const struct env_options *options, const char *letters)
{
    world_begin(world, options, &world_hooks, on_connection);
    pretend_uv.connects_at_once = true;
    world_publish(world, letters);
}

static void check_empty(const struct world *world)
{
    const struct env *env = &world->env;
    SIM_CHECK(env->crowd.client_count == 0 && env->fleet.upstream_count == 0 &&
              env->held_count == 0);
    SIM_CHECK(env->crowd.closing_client_count == 0);
    SIM_CHECK(env->crowd.client_slab.used_count == 0 && env->fleet.upstream_slab.used_count == 0);
    SIM_CHECK(env->exchange_slab.used_count == 0 && env->parser_slab.used_count == 0);
    SIM_CHECK(env->passage_slab.used_count == 0 && env->hello_slab.used_count == 0);
    SIM_CHECK(env->tunnel_slab.used_count == 0 && env->resettable_count == 0);
    SIM_CHECK(world->loop.splices.count == world->loop.splices.kept_count);
    SIM_CHECK(env->hold_slab.used_count == 0 && env->fleet.dial_slab.used_count == 0);
    SIM_CHECK(world->loop.blocks.used_bytes == 0);
    SIM_CHECK(counter_get(&env->metrics.client_open_count) == 0);
    SIM_CHECK(counter_get(&env->metrics.inflight_count) == 0);
    for (unsigned i = 0; i < world->pool->service_count; i++)
        for (unsigned j = 0; j < world->pool->services[i].endpoint_count; j++)
            SIM_CHECK(endpoint_inflight_count(world->pool->services[i].endpoints[j]) == 0);
}

void world_close(struct world *world)
{
    proxy_close(&world->env);
    listener_close(&world->listener);
    pretend_uv_settle();
    check_empty(world);
    proxy_fini(&world->env);
    pool_unref(world->pool);
    loop_fini(&world->loop);
    pretend_uv_fini();
    pretend_uv.loop = NULL;
}
