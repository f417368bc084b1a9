/* Whole exchanges: lb/proxy and lb/net with a libuv of pretend under them, clients and backends
 * that say what the input says, and an oracle that reads along on both sides.
 *
 * An input is a script of steps, each ended by RS (0x1E). The first step switches options on, a
 * letter each. Every other step is a letter, a digit (which client or backend) and the rest:
 *   c0BYTES  client 0 sends (a new connection when it has none)    C0BYTES  the same for a backend
 *   b0N      it sends N bytes 'x'                                  B0N
 *   f0       it sends FIN                                          F0
 *   r0       it resets                                             R0
 *   w0N      it takes N more bytes and no more (default: all)      W0N
 *   K0 X0 Y0 connecting to backend 0 succeeds, is refused, times out (with option 'k')
 *   t0N      N ms pass          p0rdu    states of the three endpoints: ready, draining, gone …
 *   d0       lb drains          o0rdu    the same, but the worker has not heard of it yet
 *   e0a e0c  the next accept, the next connect fails at once
 * Backends are counted among the connections that lb has open, oldest first. */
#include <string.h>

#include "lb/front/entrance.h"
#include "lb/proxy/proxy.h"
#include "tests/fuzz/support/oracle.h"
#include "tests/fuzz/support/target.h"
#include "tests/sim/world.h"

#define STEP_END        '\x1E'
#define STEPS_MAX       300u
#define SLOTS           4u
#define ENDPOINTS       3u
#define FILLER_MAX      200000u
#define FILLER_TINY     2000u /* where it arrives in tiny pieces */
#define FILLER_SUM_MAX  400000u
#define PASS_MAX_MS     100000u
#define SILENCE_STEPS   12u
#define SILENCE_STEP_MS 4100u /* longer than any deadline; a retry starts a new one */
/* Of one client in all its blocks: what was read and not used, heads, what is kept for a replay,
 * and what waits to be written on both sides. */
#define CLIENT_BYTES_MAX (1024u * 1024u)

struct run {
    struct world world;
    struct oracle_client *slots[SLOTS];
    size_t client_room;
    size_t filler_bytes;
    bool is_ended_abruptly;
};

/* ---- steps ---------------------------------------------------------------------------------- */

static void offer(struct run *run, struct view letters)
{
    letters.len = letters.len < ENDPOINTS ? letters.len : ENDPOINTS;
    world_offer(&run->world, letters);
}

static uint64_t number_of(struct view text, uint64_t max)
{
    uint64_t value = 0;
    return view_parse_u64(text, UINT64_MAX, &value) && value < max ? value : max;
}

static struct pretend_uv_wire *client_wire(struct run *run, unsigned slot, bool may_connect)
{
    struct oracle_client **client = &run->slots[slot % SLOTS];
    bool is_open = *client && !(*client)->wire->was_closed && !(*client)->wire->has_reset;
    if (!is_open && may_connect)
        *client = oracle_new_client(run->client_room);
    else if (!is_open)
        *client = NULL;
    return *client ? (*client)->wire : NULL;
}

static struct pretend_uv_wire *backend_wire(unsigned slot)
{
    struct pretend_uv_wire *found = NULL;
    unsigned at = 0;
    list_for_each (node, &pretend_uv.wires) {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        if (wire->kind == PRETEND_UV_UPSTREAM && !wire->was_closed && at++ <= slot)
            found = wire;
    }
    return found;
}

static void send_filler(struct run *run, struct pretend_uv_wire *wire, struct view count)
{
    char block[1024];
    size_t size = number_of(count, pretend_uv.segment_bytes < 100 ? FILLER_TINY : FILLER_MAX);
    size = size < FILLER_SUM_MAX - run->filler_bytes ? size : FILLER_SUM_MAX - run->filler_bytes;
    run->filler_bytes += size;
    memset(block, 'x', sizeof(block));
    for (size_t part; size > 0; size -= part) {
        part = size < sizeof(block) ? size : sizeof(block);
        text_append(&wire->sent, view_of(block, part));
    }
}

static void play_wire(struct run *run, struct pretend_uv_wire *wire, char letter, struct view rest)
{
    bool may_send = !wire->has_shut && !wire->has_reset && wire->connect == PRETEND_UV_CONNECTED;
    switch (letter) {
    case 'c':
        if (may_send)
            text_append(&wire->sent, rest);
        break;
    case 'b':
        if (may_send)
            send_filler(run, wire, rest);
        break;
    case 'f':
        wire->has_shut = true;
        break;
    case 'r':
        wire->has_reset = true;
        break;
    default:
        wire->room = number_of(rest, WORLD_ROOM);
        break;
    }
}

static void play_connect(struct pretend_uv_wire *wire, char letter)
{
    if (wire->connect != PRETEND_UV_CONNECTING)
        return;
    wire->connect = letter == 'K' ? PRETEND_UV_CONNECTED : PRETEND_UV_NOT_CONNECTED;
    wire->connect_status = letter == 'X' ? UV_ECONNREFUSED : UV_ETIMEDOUT;
}

static void play_world(struct run *run, char letter, struct view rest)
{
    switch (letter) {
    case 't':
        pretend_uv_pass(number_of(rest, PASS_MAX_MS));
        break;
    case 'p':
        offer(run, rest);
        proxy_refresh(&run->world.env);
        break;
    case 'o':
        offer(run, rest); /* and the worker has not woken up yet */
        break;
    case 'd':
        proxy_drain(&run->world.env);
        break;
    case 'e':
        pretend_uv.fails_accept |= view_eq(rest, VIEW("a"));
        pretend_uv.fails_connect |= view_eq(rest, VIEW("c"));
        break;
    default:
        break;
    }
}

static void play(struct run *run, struct view step)
{
    if (step.len < 2)
        return;
    char letter = step.ptr[0];
    unsigned slot = (unsigned)(unsigned char)step.ptr[1] - '0';
    struct view rest = view_skip(step, 2);
    struct pretend_uv_wire *wire = NULL;
    if (memchr("cbfrw", letter, 5))
        wire = client_wire(run, slot, letter == 'c' || letter == 'b');
    else if (memchr("CBFRWKXY", letter, 8))
        wire = backend_wire(slot);
    else
        play_world(run, letter, rest);
    if (wire && memchr("KXY", letter, 3))
        play_connect(wire, letter);
    else if (wire)
        play_wire(run, wire, view_lower_char(letter), rest);
}

/* ---- one run -------------------------------------------------------------------------------- */

static bool has(struct view options, char letter)
{
    return view_find(options, letter) >= 0;
}

static void on_connection(void *owner, struct listener *listener)
{
    struct env *env = owner;
    entrance_accept(&env->crowd, listener, &oracle_front_handler);
}

static void start(struct run *run, struct view options)
{
    bool is_small = has(options, 's');
    struct env_options env_options = {
        .front = {.head_timeout_ms = 1000,
                  .idle_timeout_ms = 2000,
                  .body_timeout_ms = 1500,
                  .max_request_count = has(options, 'q') ? 2 : 0,
                  .max_client_count = has(options, 'l') ? 2 : 100,
                  .max_refused_count = 32,
                  .limits = {.max_head_bytes = is_small ? 256 : 16384,
                             .max_target_bytes = is_small ? 32 : 8192,
                             .max_field_count = is_small ? 6 : 100}},
        .back = {.limits = {.max_head_bytes = is_small ? 256 : 65536, .max_field_count = 100}},
        .exchange = {.max_body_bytes = has(options, 'm') ? 100 : 0,
                     .max_buffer_bytes = has(options, 'z') ? 20000 : UINT64_MAX,
                     .max_held_count = 3,
                     .max_pipe_count = SPLICE_COUNT_MAX,
                     .adds_forwarded = has(options, 'a'),
                     .service = VIEW("appserver")},
        .policy = {.connect_timeout_ms = 300,
                   .last_connect_timeout_ms = 1000,
                   .wait_ms = {[WAIT_RESPONSE] = 3000, [WAIT_BODY] = 1500, [WAIT_STREAM] = 1500},
                   .tunnel_timeout_ms = 4000,
                   .upstream_idle_timeout_ms = 2500,
                   .hold_ms = has(options, 'h') ? 2000 : 0}, /* requests may wait for an endpoint */
    };
    world_begin(&run->world, &env_options, &oracle_hooks, on_connection);
    pretend_uv.connects_at_once = !has(options, 'k');
    pretend_uv.segment_bytes = has(options, 'g') ? 7 : 65536;
    run->client_room = has(options, 'w') ? 100 : WORLD_ROOM;
    run->is_ended_abruptly = has(options, 'x');
    oracle_init(&env_options.front.limits, &env_options.back.limits);
    world_publish(&run->world, has(options, '3') ? "rrr" : "rgg");
}

static void check_bounds(const struct run *run)
{
    const struct env *env = &run->world.env;
    const struct block_pool *blocks = &run->world.loop.blocks;
    TARGET_CHECK(blocks->used_bytes <= (size_t)env->crowd.client_count * CLIENT_BYTES_MAX);
    TARGET_CHECK(!block_pool_is_full(blocks)); /* room was made */
    TARGET_CHECK(env->fleet.to_upstream.body_count == 0 && env->crowd.to_client.body_count == 0);
}

static uint64_t count_records(const struct env *env)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < ERR_COUNT; i++)
        count += counter_get(&env->metrics.ends[i]);
    return count;
}

static unsigned count_requests(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < oracle.client_count; i++)
        count += oracle.clients[i].request_count;
    return count;
}

/* When nobody says anything any more, deadlines end everything by themselves: a few for each
 * request that is still to be served, also for those that lb has not read yet. */
static void fall_silent(struct run *run)
{
    const struct env *env = &run->world.env;
    for (unsigned steps = 0; env->crowd.client_count + env->fleet.upstream_count > 0; steps++) {
        TARGET_CHECK(steps < SILENCE_STEPS * (1 + count_requests()));
        pretend_uv_pass(SILENCE_STEP_MS);
    }
}

static void stop(struct run *run)
{
    if (!run->is_ended_abruptly)
        fall_silent(run);
    world_close(&run->world);
    TARGET_CHECK(count_records(&run->world.env) == oracle.record_count);
    oracle_fini();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {0};
    struct view rest = view_of((const char *)data, size);
    start(&run, view_cut(&rest, STEP_END));
    for (unsigned i = 0; i < STEPS_MAX && rest.len > 0; i++) {
        play(&run, view_cut(&rest, STEP_END));
        pretend_uv_settle();
        check_bounds(&run);
        oracle_check();
    }
    stop(&run);
    return 0;
}
