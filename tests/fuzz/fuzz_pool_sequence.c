/* A pool's life: lines of lb-discovery, orders by hand, other settings, time, servers that answer
 * well, badly or not at all, and workers on which requests fail, in any sequence. What runs is lb's
 * own from the line on: membership, orders, publisher, pool_build, prober, checker and outlier
 * detection, with a libuv of pretend under them; what must hold is told in pool_sequence_checks.h.
 *
 * An input is lines of text. The first one switches options on, a letter each (start()). A line
 * that begins with { is lb-discovery's; every other one is a step, a letter and the rest: pSPEC
 * SPEC …  the same in short, six letters for each endpoint: id (a capital: left out), name (a
 * capital: another service), weight, address, state (r s u p d), what its labels say of checks
 * (labels[]) oIDORDER      the operator drains (d), disables (x), or takes it back (-)         wIDN
 * … gives it a weight; 0: its own gN            SIGHUP with other settings: a bit for each of
 * configure()           tN        N ms pass fIDN eIDN sIDN   requests on worker N % 2 fail, are
 * answered 5xx, 2xx, N times    lIDN      it learns how long it may be idle iID j         a request
 * begins; the oldest ends                                  kN        worker N takes the latest
 * snapshot K0 X0 Y0      connecting to server 0 succeeds, is refused, times out (without option
 * 'c') A0 B0 F0 R0   it answers 200, answers 500, ends, resets (without option 'a')      C0BYTES it
 * sends bytes n             the next connect fails at once Servers are counted among the
 * connections that lb has open, oldest first. */
#include <string.h>

#include "lb/base/log.h"
#include "lb/follow/left_out.h"
#include "lb/pool/pool_slot.h"
#include "tests/fuzz/support/pool_sequence_checks.h"
#include "tests/sim/pretend_uv.h"
#include "tests/fuzz/support/target.h"

#define STEPS_MAX   200u
#define WORKERS     2u
#define BUSY_MAX    8u
#define PASS_MAX_MS 100000u

struct worker {
    unsigned index;
    struct pool *pool; /* one reference; NULL before the first */
    struct pool_slot slot;
};

struct run {
    struct loop loop;
    struct publisher publisher;
    struct worker workers[WORKERS];
    struct pool_sequence_checks checks;
    struct busy {
        struct endpoint *endpoint; /* one reference; NULL: free */
        unsigned worker;
    } busy[BUSY_MAX];
    bool answers_by_itself;
};

static struct run *the_run; /* for hooks, which have no owner */

/* ---- what workers do, without threads -------------------------------------------------------- */

static void offer(void *owner, struct pool *pool)
{
    struct run *run = owner;
    for (unsigned i = 0; i < WORKERS; i++)
        pool_slot_offer(&run->workers[i].slot, pool);
}

static void ring(void *owner)
{
    (void)owner; /* workers look when the input says so */
}

static void collect(struct worker *worker)
{
    struct pool *next = pool_slot_collect(&worker->slot);
    if (!next)
        return;
    pool_unref(worker->pool);
    worker->pool = next;
}

static struct endpoint *find(const struct worker *worker, char id)
{
    const struct pool *pool = worker->pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            if (pool->services[i].endpoints[j]->id[0] == id)
                return pool->services[i].endpoints[j];
    return NULL;
}

static void end_request(struct busy *busy)
{
    if (!busy->endpoint)
        return;
    endpoint_count_inflight(&busy->endpoint->locals[busy->worker], -1);
    endpoint_unref(busy->endpoint);
    memmove(busy, busy + 1, (size_t)(the_run->busy + BUSY_MAX - 1 - busy) * sizeof(*busy));
    the_run->busy[BUSY_MAX - 1].endpoint = NULL;
}

static void begin_request(struct run *run, char id)
{
    unsigned at = 0;
    while (at < BUSY_MAX && run->busy[at].endpoint)
        at++;
    struct endpoint *endpoint = find(&run->workers[at % WORKERS], id);
    if (at == BUSY_MAX || !endpoint)
        return;
    run->busy[at] = (struct busy){endpoint_ref(endpoint), at % WORKERS};
    endpoint_count_inflight(&endpoint->locals[at % WORKERS], 1);
}

static void end_attempt(struct worker *worker, struct endpoint *endpoint, char how)
{
    struct endpoint_local *local = &endpoint->locals[worker->index];
    const struct outlier_rules *rules = &the_run->publisher.rules.policy.outlier;
    bool is_one_too_many = false;
    if (how == 'f') {
        endpoint_count(&local->failure_count, 1);
        is_one_too_many = outlier_note_failure(endpoint, rules);
    } else {
        endpoint_count(&local->answers[how == 'e' ? 5 : 2], 1);
        is_one_too_many = how == 'e' && outlier_note_error(endpoint, rules);
        if (how == 's')
            outlier_note_success(endpoint);
    }
    if (is_one_too_many)
        publisher_note_suspect(&the_run->publisher);
}

static void work(struct run *run, char how, char id, unsigned count)
{
    struct worker *worker = &run->workers[count % WORKERS];
    struct endpoint *endpoint = find(worker, id);
    if (endpoint && how == 'l')
        atomic_store_explicit(&endpoint->idle_limit_ms, count * 100, memory_order_relaxed);
    else
        for (unsigned i = 0; endpoint && i < count; i++)
            end_attempt(worker, endpoint, how);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static const char *const labels[] = {
    "\"cause\":\"list\"",
    "\"check\":{\"path\":\"/a\",\"interval\":\"100ms\",\"timeout\":\"50ms\"}",
    "\"check\":{\"path\":\"/b\",\"interval\":\"1s\",\"fall\":\"1\",\"rise\":\"1\"}",
    "\"check\":{\"mode\":\"off\"}",
    "\"check\":{\"mode\":\"tcp\",\"interval\":\"200ms\"}",
    "\"check\":{\"path\":\"/c\",\"text\":\"never\",\"fall\":\"2\"}",
    "\"check\":{\"path\":\"/d\",\"method\":\"HEAD\",\"status\":\"200-299\"}",
    "\"slow_start_ms\":5000",
};

static const char *state_of(char letter)
{
    switch (letter) {
    case 's':
        return "starting";
    case 'u':
        return "unhealthy";
    case 'p':
        return "paused";
    case 'd':
        return "draining";
    default:
        return "ready";
    }
}

static bool is_capital(char letter)
{
    return letter >= 'A' && letter <= 'Z';
}

static unsigned digit(char letter)
{
    return (unsigned char)letter % 16u;
}

static void append_endpoint(struct text *line, struct view spec)
{
    const char *at = spec.ptr;
    char last = line->bytes[line->len - 1];
    text_appendf(
        line,
        "%s{\"id\":\"%c\",\"name\":\"%c\",\"weight\":%u,\"address\":\"10.0.0.%u\",\"port\":80,"
        "\"state\":\"%s\",%s}",
        last == '[' ? "" : ",", at[0], at[1], digit(at[2]) + 1, digit(at[3]) + 1, state_of(at[4]),
        labels[at[5] & 7]);
}

enum place { APPSERVER, WEB, LEFT_OUT };

static enum place place_of(struct view spec)
{
    if (is_capital(spec.ptr[0]))
        return LEFT_OUT;
    return is_capital(spec.ptr[1]) ? WEB : APPSERVER;
}

static void append_list(struct text *line, struct view specs, enum place place)
{
    while (specs.ptr) {
        struct view spec = view_cut(&specs, ' ');
        bool is_good = spec.len == 6;
        for (size_t i = 0; i < 6 && is_good; i++)
            is_good = (spec.ptr[i] >= 'a' && spec.ptr[i] <= 'z') ||
                      (spec.ptr[i] >= '0' && spec.ptr[i] <= '9') || is_capital(spec.ptr[i]);
        if (!is_good || place_of(spec) != place)
            continue;
        if (place == LEFT_OUT)
            text_appendf(line, "%s{\"id\":\"%c\",\"reason\":\"no_port\"}",
                         line->bytes[line->len - 1] == '[' ? "" : ",", spec.ptr[0] + 'a' - 'A');
        else
            append_endpoint(line, spec);
    }
}

static void publish(struct run *run, struct view specs)
{
    struct text line = TEXT_INIT;
    text_append_str(&line, "{\"v\":1,\"services\":[{\"name\":\"appserver\",\"endpoints\":[");
    append_list(&line, specs, APPSERVER);
    text_append_str(&line, "]},{\"name\":\"web\",\"endpoints\":[");
    append_list(&line, specs, WEB);
    text_append_str(&line, "]}],\"left_out\":[");
    append_list(&line, specs, LEFT_OUT);
    text_append_str(&line, "]}");
    publisher_take_line(&run->publisher, text_view(&line));
    text_fini(&line);
}

/* ---- settings and orders --------------------------------------------------------------------- */

static struct publisher_options options_of(struct run *run, unsigned bits)
{
    struct service_policy policy = {.connect_timeout_ms = 300,
                                    .far_connect_timeout_ms = 1000,
                                    .check = {.mode = bits & 4 ? CHECK_TCP : CHECK_AUTO,
                                              .interval_ms = bits & 8 ? 200 : 1000,
                                              .timeout_ms = 500,
                                              .rise = 2,
                                              .fall = 3,
                                              .status_count = 1,
                                              .statuses = {{200, 399}},
                                              .method = "GET"},
                                    .outlier = {.failures_max = 3,
                                                .errors_max = bits & 16 ? 2 : 0,
                                                .eject_ms = 1000,
                                                .max_percent = bits & 32 ? 100 : 50},
                                    .slow_start_ms = bits & 64 ? 2000 : 0,
                                    .panic_below_percent = bits & 128 ? 50 : 0,
                                    .panic_includes_unhealthy = bits & 1};
    if (bits & 2)
        memcpy(policy.check.path, "/health", sizeof("/health"));
    return (struct publisher_options){
        .loop = &run->loop, .service = bits & 1 ? "web" : "appserver", .policy = policy};
}

static void configure(struct run *run, unsigned bits)
{
    struct publisher_options options = options_of(run, bits);
    publisher_configure(&run->publisher, &options);
}

static enum endpoint_order order_of(char letter)
{
    if (letter == 'd')
        return ENDPOINT_ORDER_DRAIN;
    return letter == 'x' ? ENDPOINT_ORDER_DISABLE : ENDPOINT_ORDER_NONE;
}

static void give_order(struct run *run, char id, char order)
{
    char name[] = {id, '\0'};
    if (!left_out_or_member(&run->publisher.membership, name))
        return; /* lb refuses these orders */
    orders_set(&run->publisher.orders, name, order_of(order));
    publisher_obey(&run->publisher);
}

static void give_weight(struct run *run, char id, unsigned weight)
{
    char name[] = {id, '\0'};
    if (!left_out_or_member(&run->publisher.membership, name))
        return;
    orders_set_weight(&run->publisher.orders, name, weight);
    publisher_obey(&run->publisher);
}

/* ---- servers --------------------------------------------------------------------------------- */

static void answer(struct pretend_uv_wire *wire, const char *status)
{
    char bytes[80];
    int len =
        snprintf(bytes, sizeof(bytes), "HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\nhello", status);
    text_append(&wire->sent, view_of(bytes, (size_t)len));
}

static void on_written(struct pretend_uv_wire *wire, struct view bytes)
{
    (void)bytes;
    if (the_run->answers_by_itself)
        answer(wire, "200 OK");
}

static void on_read(struct pretend_uv_wire *wire, struct view bytes)
{
    (void)wire, (void)bytes;
}

static void on_read_end(struct pretend_uv_wire *wire, int status)
{
    (void)wire, (void)status;
}

static void on_wire(struct pretend_uv_wire *wire)
{
    wire->room = SIZE_MAX / 2;
}

static void on_write_end(struct pretend_uv_wire *wire)
{
    (void)wire;
}

static const struct pretend_uv_hooks hooks = {.on_read = on_read,
                                              .on_read_end = on_read_end,
                                              .on_written = on_written,
                                              .on_write_end = on_write_end,
                                              .on_connect = on_wire};

static struct pretend_uv_wire *server_at(unsigned index)
{
    struct pretend_uv_wire *found = NULL;
    unsigned at = 0;
    list_for_each (node, &pretend_uv.wires) {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        if (!wire->was_closed && at++ <= index)
            found = wire;
    }
    return found;
}

static void play_server(struct pretend_uv_wire *wire, char letter, struct view rest)
{
    bool may_send = wire->connect == PRETEND_UV_CONNECTED && !wire->has_shut && !wire->has_reset;
    if (memchr("KXY", letter, 3) && wire->connect == PRETEND_UV_CONNECTING) {
        wire->connect = letter == 'K' ? PRETEND_UV_CONNECTED : PRETEND_UV_NOT_CONNECTED;
        wire->connect_status = letter == 'X' ? UV_ECONNREFUSED : UV_ETIMEDOUT;
    } else if (letter == 'A' && may_send) {
        answer(wire, "200 OK");
    } else if (letter == 'B' && may_send) {
        answer(wire, "500 Internal Server Error");
    } else if (letter == 'C' && may_send) {
        text_append(&wire->sent, rest);
    } else if (letter == 'F') {
        wire->has_shut = true;
    } else if (letter == 'R') {
        wire->has_reset = true;
    }
}

/* ---- steps ----------------------------------------------------------------------------------- */

static uint64_t number_of(struct view text, uint64_t max)
{
    uint64_t value = 0;
    return view_parse_u64(text, UINT64_MAX, &value) && value < max ? value : max;
}

static void play_world(struct run *run, char letter, struct view rest)
{
    char first = rest.len > 0 ? rest.ptr[0] : 'a', second = rest.len > 1 ? rest.ptr[1] : '0';
    if (letter == 't')
        pretend_uv_pass(number_of(rest, PASS_MAX_MS));
    else if (letter == 'p')
        publish(run, rest);
    else if (letter == 'o')
        give_order(run, first, second);
    else if (letter == 'w')
        give_weight(run, first, digit(second));
    else if (letter == 'g')
        configure(run, (unsigned)number_of(rest, 255));
    else if (letter == 'i')
        begin_request(run, first);
    else if (letter == 'j')
        end_request(&run->busy[0]);
    else if (letter == 'k')
        collect(&run->workers[digit(first) % WORKERS]);
    else if (letter == 'n')
        pretend_uv.fails_connect = true;
    else if (memchr("fesl", letter, 4))
        work(run, letter, first, digit(second));
}

static void play(struct run *run, struct view step)
{
    if (step.len == 0)
        return;
    struct pretend_uv_wire *wire = NULL;
    char letter = step.ptr[0];
    if (letter == '{')
        publisher_take_line(&run->publisher, step);
    else if (letter && memchr("KXYABCFR", letter, 8) && step.len > 1)
        wire = server_at(digit(step.ptr[1]));
    else
        play_world(run, letter, view_skip(step, 1));
    if (wire)
        play_server(wire, letter, view_skip(step, 2));
}

/* ---- one run --------------------------------------------------------------------------------- */

static bool has(struct view options, char letter)
{
    return view_find(options, letter) >= 0;
}

static void start(struct run *run, struct view options)
{
    the_run = run;
    log_set_level(LOG_LEVEL_ERROR);
    pretend_uv_init(&hooks);
    pretend_uv.connects_at_once = has(options, 'c');
    run->answers_by_itself = has(options, 'a');
    TARGET_CHECK(loop_init(&run->loop) == 0);
    struct publisher_options given =
        options_of(run, (has(options, 'h') ? 2u : 0) | (has(options, 't') ? 4u : 0) |
                            (has(options, 'e') ? 16u : 0) | (has(options, 'm') ? 32u : 0) |
                            (has(options, 's') ? 64u : 0) | (has(options, 'p') ? 128u : 0));
    publisher_init(&run->publisher, &given);
    run->publisher.health.prober.queue.max_count =
        has(options, 'q') ? 1 : 128; /* so that looks wait for their turn */
    run->publisher.health.checker.queue.max_count = has(options, 'q') ? 1 : 64;
    for (unsigned i = 0; i < WORKERS; i++)
        run->workers[i].index = i;
    publisher_serve(&run->publisher,
                    &(struct publisher_audience){
                        .worker_count = WORKERS, .offer = offer, .ring = ring, .owner = run});
}

static void stop(struct run *run)
{
    publisher_close(&run->publisher);
    pretend_uv_settle();
    while (run->busy[0].endpoint)
        end_request(&run->busy[0]);
    pool_sequence_checks_fini(&run->checks);
    for (unsigned i = 0; i < WORKERS; i++) {
        pool_unref(run->workers[i].pool);
        pool_unref(pool_slot_collect(&run->workers[i].slot));
    }
    publisher_fini(&run->publisher);
    loop_fini(&run->loop);
    pretend_uv_fini();
}

/* From now on every server is well, and nobody says anything else. */
static void recover(struct run *run)
{
    run->answers_by_itself = true;
    pretend_uv.connects_at_once = true;
    pretend_uv.fails_connect = false;
    list_for_each (node, &pretend_uv.wires) {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        wire->has_reset |= !wire->was_closed;
        if (wire->connect == PRETEND_UV_CONNECTING)
            play_server(wire, 'X', VIEW(""));
    }
    pool_sequence_checks_recovery(&run->checks, &run->publisher, pretend_uv_pass);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {0};
    struct view rest = view_of((const char *)data, size);
    start(&run, view_cut(&rest, '\n'));
    for (unsigned i = 0; i < STEPS_MAX && rest.len > 0; i++) {
        play(&run, view_cut(&rest, '\n'));
        pretend_uv_settle();
        pool_sequence_checks_step(&run.checks, &run.publisher);
    }
    recover(&run);
    stop(&run);
    return 0;
}
