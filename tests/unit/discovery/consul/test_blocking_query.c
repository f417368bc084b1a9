/* The rules of blocking queries, and what is asked of an agent that answers as it likes. */
#include "discovery/consul/blocking_query.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "discovery/net/fetch.h"
#include "discovery/net/fetch_loop.h"
#include "lb/base/clock.h"

#include "tests/unit/discovery/cmocka_all.h"

#define ROUNDS_MAX 4000

/* An agent that answers each request with the same head and body, and keeps the last target. */
static struct {
    int listener, peer;
    unsigned served_count, accepted_count;
    char answer[512];
    char seen[2048];
    struct server_url url;
} agent;

static struct fetch_loop *loop;
static struct fetch_pool *pool;
static struct blocking_query query;
static struct blocking_answer last;
static unsigned answer_count;
static const char *problem;

static const char *take_answer(void *owner, const struct blocking_answer *answer)
{
    (void)owner;
    last = *answer;
    answer_count++;
    return problem;
}

static void say(const char *status, const char *fields, const char *body)
{
    snprintf(agent.answer, sizeof(agent.answer), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s",
             status, strlen(body), fields, body);
}

static int open_all(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const char *why;
    char url[64];
    (void)state;
    memset(&agent, 0, sizeof(agent));
    agent.peer = -1;
    agent.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(agent.listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(agent.listener, 4), 0);
    assert_int_equal(getsockname(agent.listener, (struct sockaddr *)&address, &len), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", ntohs(address.sin_port));
    assert_true(server_url_parse(url, &agent.url, &why));
    loop = fetch_loop_open();
    pool = fetch_pool_open(loop, &agent.url);
    answer_count = 0;
    problem = NULL;
    blocking_query_init(&query, &(struct blocking_query_options){.pool = pool,
                                                                 .target = "/v1/catalog/services",
                                                                 .max_bytes = 100,
                                                                 .on_answer = take_answer});
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    blocking_query_fini(&query);
    fetch_pool_close(pool);
    fetch_loop_close(loop);
    if (agent.peer >= 0)
        close(agent.peer);
    close(agent.listener);
    return 0;
}

static void serve(void)
{
    int fd = accept(agent.listener, NULL, NULL);
    if (fd >= 0) {
        if (agent.peer >= 0)
            close(agent.peer);
        agent.peer = fd;
        agent.accepted_count++;
        fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    char bytes[sizeof(agent.seen)];
    ssize_t got = agent.peer >= 0 ? recv(agent.peer, bytes, sizeof(bytes) - 1, 0) : 0;
    if (got <= 0)
        return;
    bytes[got] = '\0';
    memcpy(agent.seen, bytes, (size_t)got + 1);
    agent.served_count++;
    assert_true(send(agent.peer, agent.answer, strlen(agent.answer), MSG_NOSIGNAL) > 0);
}

/* Asks at that time, and waits for the answer. */
static void ask_at(uint64_t time_ms)
{
    blocking_query_tick(&query, time_ms);
    assert_non_null(query.fetch);
    for (unsigned i = 0; i < ROUNDS_MAX && query.fetch; i++) {
        serve();
        fetch_loop_wait(loop, NULL, 0, 1);
        fetch_loop_turn(loop);
    }
    assert_null(query.fetch);
}

/* As soon as it may. */
static void ask(void)
{
    ask_at(query.due_at_ms);
}

static void check_asked(const char *target)
{
    char line[256];
    snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", target);
    if (strncmp(agent.seen, line, strlen(line)) != 0)
        fail_msg("asked: %.80s, not %s", agent.seen, target);
}

static void test_index(void **state)
{
    static const struct {
        uint64_t index, told, next;
        bool went_back;
    } cases[] = {
        {0, 0, 0, false}, {0, 7, 7, false}, {7, 7, 7, false},
        {7, 9, 9, false}, {7, 3, 0, true},  {7, 0, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool went_back;
        assert_int_equal(blocking_query_follow(cases[i].index, cases[i].told, &went_back),
                         cases[i].next);
        assert_int_equal(went_back, cases[i].went_back);
    }
}

static void test_it_blocks_with_the_index_that_was_told(void **state)
{
    (void)state;
    say("200 OK", "X-Consul-Index: 41\r\n", "{}");
    ask();
    check_asked("/v1/catalog/services");
    assert_int_equal(last.index, 41);
    say("200 OK", "X-Consul-Index: 42\r\n", "{}");
    ask();
    check_asked("/v1/catalog/services?index=41&wait=60s");
    say("200 OK", "X-Consul-Index: 5\r\n", "{}");
    ask();
    assert_true(last.went_back);
    ask();
    check_asked("/v1/catalog/services");
    assert_int_equal(agent.accepted_count, agent.served_count); /* each on its own connection */
}

static void test_an_index_is_at_least_one(void **state)
{
    (void)state;
    say("200 OK", "X-Consul-Index: 0\r\n", "{}");
    ask();
    assert_int_equal(last.index, 1);
    ask();
    check_asked("/v1/catalog/services?index=1&wait=60s");
}

static void test_without_an_index_it_pauses(void **state)
{
    static const char *const fields[] = {"", "X-Consul-Index: many\r\n", "X-Consul-Index: -1\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        uint64_t began_ms = clock_mono_ns() / 1000000;
        say("200 OK", fields[i], "{}");
        ask();
        assert_true(query.due_at_ms >= began_ms + BLOCKING_QUERY_IDLE_MS);
        ask();
        check_asked("/v1/catalog/services");
    }
}

static void test_a_first_change_is_followed_at_once_and_a_flood_is_gathered(void **state)
{
    uint64_t began_ms;
    char fields[64];
    (void)state;
    say("200 OK", "X-Consul-Index: 1\r\n", "{}");
    ask();
    began_ms = query.due_at_ms;
    for (unsigned i = 2; i < 2 + BLOCKING_QUERY_BURST - 1; i++) {
        snprintf(fields, sizeof(fields), "X-Consul-Index: %u\r\n", i);
        say("200 OK", fields, "{}");
        ask();
    }
    say("200 OK", "X-Consul-Index: 100\r\n", "{}");
    uint64_t before_ms = query.due_at_ms;
    ask();
    assert_true(before_ms - began_ms <= 2 * BLOCKING_QUERY_GATHER_MS); /* on a busy machine, too */
    for (unsigned i = 0; i < 5; i++) {
        uint64_t asked_ms = query.asked_ms;
        snprintf(fields, sizeof(fields), "X-Consul-Index: %u\r\n", 101 + i);
        say("200 OK", fields, "{}");
        ask();
        if (i > 1)
            assert_true(query.asked_ms >= asked_ms + BLOCKING_QUERY_GATHER_MS / 2);
    }
}

static void test_what_cannot_be_read_is_trouble(void **state)
{
    (void)state;
    say("200 OK", "X-Consul-Index: 7\r\n", "nonsense");
    problem = "is no list of services";
    ask();
    assert_int_equal(query.trouble.kind, AGENT_TROUBLE_UNREADABLE);
    assert_true(query.has_spoken && !query.has_answered);
    assert_true(query.due_at_ms >= query.asked_ms + 500);
    problem = NULL;
    say("200 OK", "X-Consul-Index: 7\r\n", "{}");
    ask();
    assert_int_equal(query.trouble.kind, AGENT_TROUBLE_NONE);
    assert_true(query.has_answered);
}

static void test_a_refusal_starts_anew(void **state)
{
    (void)state;
    say("200 OK", "X-Consul-Index: 7\r\n", "{}");
    ask();
    say("429 Too Many Requests", "Retry-After: 20\r\n", "");
    ask();
    assert_int_equal(query.trouble.kind, AGENT_TROUBLE_BUSY);
    assert_true(query.due_at_ms >= query.asked_ms + 20000);
    say("500 Internal Server Error", "Retry-After: 99999\r\n", "No cluster leader");
    ask();
    check_asked("/v1/catalog/services");
    assert_int_equal(query.trouble.kind, AGENT_TROUBLE_NO_LEADER);
    assert_true(query.due_at_ms <= query.asked_ms + 60000 + 60000);
    assert_int_equal(answer_count, 1);
}

static void test_too_large(void **state)
{
    char body[200];
    (void)state;
    memset(body, ' ', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    say("200 OK", "X-Consul-Index: 7\r\n", body);
    ask();
    assert_int_equal(query.trouble.kind, AGENT_TROUBLE_UNREADABLE);
    assert_int_equal(answer_count, 0);
}

static void test_headers_about_rights(void **state)
{
    (void)state;
    say("200 OK",
        "X-Consul-Index: 7\r\nX-Consul-Results-Filtered-By-ACLs: true\r\n"
        "X-Consul-Default-ACL-Policy: deny\r\n",
        "{}");
    ask();
    assert_true(last.is_filtered && last.denies_by_default);
    say("200 OK", "X-Consul-Index: 8\r\nX-Consul-Default-ACL-Policy: allow\r\n", "{}");
    ask();
    assert_false(last.is_filtered || last.denies_by_default);
}

static void test_in_turns_it_does_not_block(void **state)
{
    (void)state;
    blocking_query_take_turns(&query, 5000);
    say("200 OK", "X-Consul-Index: 7\r\n", "{}");
    ask();
    assert_true(query.due_at_ms >= query.asked_ms + 5000);
    ask();
    check_asked("/v1/catalog/services");
    blocking_query_take_turns(&query, 0);
    assert_int_equal(query.due_at_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),
        cmocka_unit_test_setup_teardown(test_it_blocks_with_the_index_that_was_told, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_an_index_is_at_least_one, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_without_an_index_it_pauses, open_all, close_all),
        cmocka_unit_test_setup_teardown(
            test_a_first_change_is_followed_at_once_and_a_flood_is_gathered, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_trouble, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_a_refusal_starts_anew, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_too_large, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_headers_about_rights, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_in_turns_it_does_not_block, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
