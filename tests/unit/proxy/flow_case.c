#include "flow_case.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/pool/pool_build.h"
#include "lb/proxy/flow_gate.h"
#include "lb/proxy/proxy.h"

#define PATIENCE_MS 10000u

static const struct env_options usual = {
    .front = {.max_client_count = 10},
    .exchange = {.max_buffer_bytes = UINT64_MAX},
    .policy = {.udp_idle_timeout_ms = FLOW_CASE_IDLE_MS},
};

/* ---- servers and clients ---------------------------------------------------------------------- */

static int bound(struct address *at)
{
    socklen_t len = sizeof(at->socket);
    int fd = socket(at->socket.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, &at->socket.any, address_size(at)), 0);
    assert_int_equal(getsockname(fd, &at->socket.any, &len), 0);
    return fd;
}

static void open_servers(struct flow_case *c)
{
    for (unsigned i = 0; i < FLOW_CASE_SERVERS; i++) {
        char ip[24];
        snprintf(ip, sizeof(ip), "127.0.0.%u", 21 + i);
        assert_true(address_parse_ip(view_str(ip), 0, &c->server_at[i]));
        c->servers[i] = bound(&c->server_at[i]);
    }
}

void flow_case_close_server(struct flow_case *c, unsigned server)
{
    close(c->servers[server]);
    c->servers[server] = -1;
}

void flow_case_reopen_server(struct flow_case *c, unsigned server)
{
    c->servers[server] = bound(&c->server_at[server]);
}

int flow_case_client(const struct flow_case *c, const char *ip)
{
    struct address to;
    assert_true(address_parse_ip(view_str(ip), address_port(&c->at), &to));
    int fd = socket(to.socket.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, &to.socket.any, address_size(&to)), 0);
    return fd;
}

void flow_case_say(int fd, const char *words)
{
    assert_int_equal(send(fd, words, strlen(words), 0), strlen(words));
}

/* ---- the pool --------------------------------------------------------------------------------- */

static void admit(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)before;
    endpoint->is_admitted = endpoint_state(endpoint) == ENDPOINT_PROBING || endpoint->is_admitted;
}

static void build(struct flow_case *c, struct pool_wanted *wanted)
{
    struct pool_rules rules = {
        .worker_count = 1, .now_ms = loop_now_ms(&c->loop), .policy = c->policy};
    struct pool *next = pool_build(c->pool, wanted, &rules);
    pool_build_settle(next, c->pool, admit, NULL);
    pool_unref(c->pool);
    c->pool = next;
}

static enum endpoint_state state_of(char letter)
{
    return letter == 'd' ? ENDPOINT_DRAINING : letter == 'u' ? ENDPOINT_UNHEALTHY : ENDPOINT_READY;
}

static void take_rules(struct flow_case *c)
{
    const struct listener_rule rule = {
        .kind = SERVICE_UDP, .at = c->at, .service = view_str(c->service)};
    listener_table_unref(c->rules);
    c->rules = listener_table_new(&rule, 1);
}

void flow_case_publish(struct flow_case *c, const char *letters)
{
    static const char *const names[FLOW_CASE_SERVERS] = {"one", "two", "three", "four"};
    struct pool_wanted_endpoint endpoints[FLOW_CASE_SERVERS];
    struct pool_wanted wanted = {.endpoints = endpoints, .is_followed = true};
    struct pool_wanted_service service = {.name = c->service};
    if (c->balance) {
        service.options.values[SERVICE_OPTION_BALANCE] = view_str(c->balance);
        wanted.services = &service;
        wanted.service_count = 1;
    }
    take_rules(c);
    wanted.listeners = c->rules;
    for (unsigned i = 0; letters[i]; i++)
        if (letters[i] != 'g')
            endpoints[wanted.endpoint_count++] =
                (struct pool_wanted_endpoint){.service = c->service,
                                              .kind = SERVICE_UDP,
                                              .protocol = PROTOCOL_UDP,
                                              .id = names[i],
                                              .name = names[i],
                                              .address = c->server_at[i],
                                              .weight = c->weight,
                                              .state = state_of(letters[i]),
                                              .cause = "list"};
    build(c, &wanted);
    build(c, &wanted);
    for (unsigned i = 0; i < FLOW_CASE_SERVERS; i++)
        if (flow_case_endpoint(c, i))
            atomic_store(&flow_case_endpoint(c, i)->max_inflight, c->max_inflight);
    pool_slot_offer(&c->env.slot, c->pool);
    proxy_refresh(&c->env);
}

static const struct pool_service *listed(const struct flow_case *c)
{
    return pool_find_kind(c->pool, view_str(c->service), SERVICE_UDP);
}

struct endpoint *flow_case_endpoint(const struct flow_case *c, unsigned server)
{
    const struct pool_service *service = listed(c);
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        if (address_eq(&service->endpoints[i]->address, &c->server_at[server]))
            return service->endpoints[i];
    return NULL;
}

const struct passing *flow_case_passing(const struct flow_case *c)
{
    return service_passing(c->pool->listeners.targets[0].service, 0);
}

/* ---- turning ---------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

void flow_case_turn(struct flow_case *c, unsigned ms)
{
    uint64_t end_ns = uv_hrtime() + ms * UINT64_C(1000000);
    do
        uv_run(&c->loop.uv, UV_RUN_ONCE);
    while (uv_hrtime() < end_ns);
}

void flow_case_await_records(struct flow_case *c, unsigned count)
{
    for (unsigned waited = 0; c->record_count < count && waited < PATIENCE_MS; waited++)
        flow_case_turn(c, 1);
    assert_int_equal(c->record_count, count);
}

/* Whether these words are what comes next there. */
static bool has(int fd, const char *words, struct address *from)
{
    char bytes[256];
    socklen_t len = sizeof(from->socket);
    ssize_t got = fd < 0 ? -1 : recvfrom(fd, bytes, sizeof(bytes), 0, &from->socket.any, &len);
    if (got < 0)
        return false;
    assert_int_equal(got, strlen(words));
    assert_memory_equal(bytes, words, (size_t)got);
    return true;
}

static int find_any(struct flow_case *c, const char *words, unsigned first, unsigned last)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited++) {
        for (unsigned i = first; i <= last; i++)
            if (has(c->servers[i], words, &c->heard_from))
                return (int)i;
        flow_case_turn(c, 1);
    }
    return -1;
}

void flow_case_expect(struct flow_case *c, unsigned server, const char *words)
{
    assert_int_equal(find_any(c, words, server, server), server);
}

unsigned flow_case_find(struct flow_case *c, const char *words)
{
    int server = find_any(c, words, 0, FLOW_CASE_SERVERS - 1);
    assert_true(server >= 0);
    return (unsigned)server;
}

void flow_case_answer(struct flow_case *c, unsigned server, const char *words)
{
    assert_int_equal(sendto(c->servers[server], words, strlen(words), 0, &c->heard_from.socket.any,
                            address_size(&c->heard_from)),
                     strlen(words));
}

void flow_case_hear(struct flow_case *c, int fd, const char *words)
{
    struct address from;
    for (unsigned waited = 0; waited < PATIENCE_MS; waited++) {
        if (has(fd, words, &from))
            return;
        flow_case_turn(c, 1);
    }
    fail_msg("nothing came, but %s was to come", words);
}

void flow_case_hear_nothing(struct flow_case *c, int fd)
{
    char byte;
    flow_case_turn(c, 30);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
}

/* ---- the worker ------------------------------------------------------------------------------- */

static void keep(char to[64], struct view text)
{
    snprintf(to, 64, "%.*s", (int)text.len, text.ptr ? text.ptr : "");
}

static void on_record(void *owner, const struct record *record)
{
    struct flow_case *c = owner;
    c->record_count++;
    c->record = *record;
    keep(c->record_texts[0], record->listener);
    keep(c->record_texts[1], record->client_ip);
    keep(c->record_texts[2], record->endpoint_name);
    keep(c->record_texts[3], record->service);
}

void flow_case_open(struct flow_case *c, const char *listener, const char *letters)
{
    int status;
    *c = (struct flow_case){.policy = usual.policy, .service = "names", .weight = 1};
    assert_int_equal(loop_init(&c->loop), 0);
    uv_timer_init(&c->loop.uv, &c->tick);
    uv_timer_start(&c->tick, on_tick, 1, 1);
    proxy_init(&c->env, &c->loop, &usual, 0);
    c->env.on_record = on_record;
    c->env.record_owner = c;
    open_servers(c);
    assert_true(address_parse(view_str(listener), &c->at));
    close(bound(&c->at)); /* the port is known by now */
    int fd = datagram_listen(&c->at);
    assert_true(fd >= 0);
    c->gate = proxy_open_udp(&c->env, fd, &c->at, &status);
    assert_non_null(c->gate);
    flow_case_publish(c, letters);
}

void flow_case_close(struct flow_case *c)
{
    proxy_close(&c->env);
    flow_case_turn(c, 5);
    const struct flow_table *table = c->env.flows;
    assert_int_equal(table->count, 0);
    assert_int_equal(table->kept_bytes, 0);
    assert_int_equal(table->flow_slab.used_count, 0);
    assert_int_equal(table->client_slab.used_count, 0);
    assert_int_equal(counter_get(&flow_case_passing(c)->open_count), 0);
    for (unsigned i = 0; i < FLOW_CASE_SERVERS; i++) {
        struct endpoint *endpoint = flow_case_endpoint(c, i);
        assert_int_equal(endpoint ? endpoint_inflight_count(endpoint) : 0, 0);
        assert_int_equal(endpoint ? atomic_load(endpoint_admitted_count(endpoint)) : 0, 0);
    }
    uv_close((uv_handle_t *)&c->tick, NULL);
    loop_fini(&c->loop);
    proxy_fini(&c->env);
    pool_unref(c->pool);
    listener_table_unref(c->rules);
    for (unsigned i = 0; i < FLOW_CASE_SERVERS; i++)
        if (c->servers[i] >= 0)
            close(c->servers[i]);
}
