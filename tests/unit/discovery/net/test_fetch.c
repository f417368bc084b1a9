#include "discovery/net/fetch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "discovery/net/fetch_loop.h"

#include "tests/unit/discovery/cmocka_all.h"

#define ROUNDS_MAX 2000

/* A server with one connection at a time, which answers each request with the same bytes. */
struct server {
    int listener, peer;
    unsigned accepted_count, served_count;
    const char *answer; /* NULL: it stays silent */
    char seen[4096];    /* the last request */
    size_t seen_bytes;
    struct server_url url;
};

struct call {
    struct fetch_pool *pool;
    bool is_done;
    int status;
    char body[256], problem[256];
    struct fetch_failure failure;
};

static struct server servers[2];
static struct fetch_loop *loop;
static struct fetch_pool *pools[2];

static void start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const char *problem;
    char url[64];
    *server =
        (struct server){.peer = -1, .answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(server->listener, 4), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    assert_true(server_url_parse(url, &server->url, &problem));
}

static void stop(struct server *server)
{
    if (server->peer >= 0)
        close(server->peer);
    if (server->listener >= 0)
        close(server->listener);
    server->peer = server->listener = -1;
}

/* Whether `seen` holds a whole request. */
static bool is_whole(const struct server *server)
{
    const char *end = strstr(server->seen, "\r\n\r\n");
    const char *length = strstr(server->seen, "Content-Length: ");
    unsigned body_bytes = 0;
    if (length && end)
        sscanf(length, "Content-Length: %u", &body_bytes);
    return end && server->seen_bytes >= (size_t)(end + 4 - server->seen) + body_bytes;
}

static void serve(struct server *server)
{
    int fd = accept(server->listener, NULL, NULL);
    if (fd >= 0) {
        if (server->peer >= 0)
            close(server->peer);
        server->peer = fd;
        server->accepted_count++;
        server->seen_bytes = 0;
        fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    ssize_t got = recv(server->peer, server->seen + server->seen_bytes,
                       sizeof(server->seen) - 1 - server->seen_bytes, 0);
    if (got <= 0)
        return;
    server->seen_bytes += (size_t)got;
    server->seen[server->seen_bytes] = '\0';
    if (!is_whole(server) || !server->answer)
        return;
    server->served_count++;
    server->seen_bytes = 0;
    assert_true(send(server->peer, server->answer, strlen(server->answer), 0) > 0);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct call *call = owner;
    call->is_done = true;
    call->status = answer->status;
    snprintf(call->body, sizeof(call->body), "%.*s", (int)answer->body.len, answer->body.ptr);
    snprintf(call->problem, sizeof(call->problem), "%s", answer->problem ? answer->problem : "");
    call->failure = *fetch_pool_failure(call->pool);
}

static void turn(void)
{
    for (size_t i = 0; i < COUNT(servers); i++)
        if (servers[i].listener >= 0)
            serve(&servers[i]);
    fetch_loop_wait(loop, NULL, 0, 1);
    fetch_loop_turn(loop);
}

static void run_until_done(const struct call *call)
{
    for (unsigned i = 0; i < ROUNDS_MAX && !call->is_done; i++)
        turn();
    assert_true(call->is_done);
}

static struct fetch *ask(struct call *call, struct fetch_pool *pool, struct fetch_request request)
{
    *call = (struct call){.pool = pool};
    request.owner = call;
    request.on_done = take_done;
    if (request.timeout_ms == 0)
        request.timeout_ms = 5000;
    request.max_bytes = 1000;
    return fetch_start(pool, &request);
}

static int open_all(void **state)
{
    (void)state;
    loop = fetch_loop_open();
    for (size_t i = 0; i < COUNT(servers); i++) {
        start(&servers[i]);
        pools[i] = fetch_pool_open(loop, &servers[i].url);
    }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++) {
        fetch_pool_close(pools[i]);
        stop(&servers[i]);
    }
    fetch_loop_close(loop);
    return 0;
}

static void test_what_is_only_asked_for_is_got(void **state)
{
    struct call call;
    (void)state;
    ask(&call, pools[0], (struct fetch_request){.target = "/v1/x?y=1"});
    run_until_done(&call);
    assert_int_equal(call.status, 200);
    assert_string_equal(call.body, "ok");
    assert_string_equal(call.problem, "");
    assert_int_equal(strncmp(servers[0].seen, "GET /v1/x?y=1 HTTP/1.1\r\n", 24), 0);
    assert_null(strstr(servers[0].seen, "Content-"));
    assert_null(strstr(servers[0].seen, "Expect"));
    assert_int_equal(call.failure.kind, FETCH_FINE);
}

static void test_method_headers_and_body(void **state)
{
    struct call call;
    char method[] = "PUT", target[] = "/v1/agent/service/register",
         token[] = "X-Consul-Token: secret", body[] = "{\"ID\":\"a\"}";
    (void)state;
    ask(&call, pools[0],
        (struct fetch_request){.method = method,
                               .target = target,
                               .headers = {token, "Content-Type: application/json"},
                               .body = view_of(body, sizeof(body) - 1)});
    /* All four were borrowed for the call. */
    memset(method, 'x', sizeof(method) - 1);
    memset(target, 'x', sizeof(target) - 1);
    memset(token, 'x', sizeof(token) - 1);
    memset(body, 'x', sizeof(body) - 1);
    run_until_done(&call);
    const char *seen = servers[0].seen;
    assert_int_equal(strncmp(seen, "PUT /v1/agent/service/register HTTP/1.1\r\n", 41), 0);
    assert_non_null(strstr(seen, "\r\nX-Consul-Token: secret\r\n"));
    assert_non_null(strstr(seen, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(seen, "\r\nContent-Length: 10\r\n"));
    assert_null(strstr(seen, "Expect"));
    assert_non_null(strstr(seen, "\r\n\r\n{\"ID\":\"a\"}"));
}

/* A PUT without a body says that it has none, as servers want to know. */
static void test_methods(void **state)
{
    static const struct {
        const char *method, *body, *line;
    } cases[] = {
        {NULL, "b", "PUT / HTTP/1.1\r\n"},
        {"POST", "b", "POST / HTTP/1.1\r\n"},
        {"PUT", "", "PUT / HTTP/1.1\r\n"},
        {"DELETE", "", "DELETE / HTTP/1.1\r\n"},
    };
    struct call call;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ask(&call, pools[0],
            (struct fetch_request){
                .method = cases[i].method, .target = "/", .body = view_str(cases[i].body)});
        run_until_done(&call);
        assert_int_equal(strncmp(servers[0].seen, cases[i].line, strlen(cases[i].line)), 0);
    }
    assert_int_equal(servers[0].accepted_count, 1); /* one connection served them all */
    assert_int_equal(servers[0].served_count, COUNT(cases));
}

static void test_each_pool_has_its_server(void **state)
{
    struct call calls[2];
    (void)state;
    servers[1].answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nACL!";
    ask(&calls[0], pools[0], (struct fetch_request){.target = "/one"});
    ask(&calls[1], pools[1], (struct fetch_request){.target = "/two"});
    run_until_done(&calls[0]);
    run_until_done(&calls[1]);
    assert_non_null(strstr(servers[0].seen, "GET /one "));
    assert_non_null(strstr(servers[1].seen, "GET /two "));
    assert_int_equal(calls[0].failure.kind, FETCH_FINE);
    assert_int_equal(calls[1].failure.kind, FETCH_REFUSED);
    assert_int_equal(calls[1].failure.status, 403);
    assert_string_equal(calls[1].failure.sample, "ACL!");
    assert_int_equal(fetch_pool_failure(pools[1])->kind, FETCH_FINE); /* over with the call */
}

static void test_closed_pool_takes_its_requests_along(void **state)
{
    struct call calls[2];
    (void)state;
    ask(&calls[0], pools[0], (struct fetch_request){.target = "/one"});
    ask(&calls[1], pools[1], (struct fetch_request){.target = "/two"});
    turn();
    fetch_pool_close(pools[0]);
    pools[0] = NULL;
    run_until_done(&calls[1]);
    assert_false(calls[0].is_done);
}

static void close_from_inside(void *owner, const struct fetch_answer *answer)
{
    (void)answer;
    ((struct call *)owner)->is_done = true;
    fetch_pool_close(pools[0]);
    pools[0] = NULL;
}

static void test_pool_may_be_closed_by_a_handler(void **state)
{
    struct call call = {0};
    (void)state;
    fetch_start(pools[0], &(struct fetch_request){.target = "/",
                                                  .timeout_ms = 5000,
                                                  .max_bytes = 10,
                                                  .owner = &call,
                                                  .on_done = close_from_inside});
    run_until_done(&call);
    turn();
}

static void test_ways_to_fail(void **state)
{
    struct call call;
    (void)state;
    servers[0].answer = NULL;
    ask(&call, pools[0], (struct fetch_request){.target = "/", .timeout_ms = 30});
    run_until_done(&call);
    assert_int_equal(call.failure.kind, FETCH_TIMED_OUT);
    assert_string_equal(call.problem, "no answer came in time");
    servers[0].answer = "SSH-2.0-OpenSSH\r\n\r\n";
    ask(&call, pools[0], (struct fetch_request){.target = "/"});
    run_until_done(&call);
    assert_int_equal(call.failure.kind, FETCH_NOT_HTTP);
    stop(&servers[1]);
    ask(&call, pools[1], (struct fetch_request){.target = "/"});
    run_until_done(&call);
    assert_int_equal(call.failure.kind, FETCH_NOT_CONNECTED);
    assert_string_equal(call.problem, "cannot connect: Connection refused");
}

/* As of a host that is off: a full queue lets no further connection in. */
static void test_nobody_takes_the_connection(void **state)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    struct call call;
    int fillers[8];
    (void)state;
    assert_int_equal(listen(servers[0].listener, 0), 0);
    assert_int_equal(getsockname(servers[0].listener, (struct sockaddr *)&address, &len), 0);
    for (size_t i = 0; i < COUNT(fillers); i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, len);
    }
    ask(&call, pools[0], (struct fetch_request){.target = "/", .timeout_ms = 30});
    for (int i = 0; i < ROUNDS_MAX && !call.is_done; i++) {
        fetch_loop_wait(loop, NULL, 0, 1);
        fetch_loop_turn(loop);
    }
    assert_int_equal(call.failure.kind, FETCH_NOT_CONNECTED);
    assert_int_equal(call.failure.os_error, ETIMEDOUT);
    assert_string_equal(call.problem, "cannot connect: nobody answers in time");
    for (size_t i = 0; i < COUNT(fillers); i++)
        close(fillers[i]);
}

static void test_body_that_is_too_large(void **state)
{
    static char answer[1200];
    struct call call;
    (void)state;
    int len = snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
    memset(answer + len, 'x', 1001);
    servers[0].answer = answer;
    ask(&call, pools[0], (struct fetch_request){.target = "/"});
    run_until_done(&call);
    assert_string_equal(call.problem, "the answer is larger than is accepted");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_what_is_only_asked_for_is_got),
        CASE(test_method_headers_and_body),
        CASE(test_methods),
        CASE(test_each_pool_has_its_server),
        CASE(test_closed_pool_takes_its_requests_along),
        CASE(test_pool_may_be_closed_by_a_handler),
        CASE(test_ways_to_fail),
        CASE(test_nobody_takes_the_connection),
        CASE(test_body_that_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
