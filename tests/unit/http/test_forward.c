/* Requests as they go out, byte for byte, and what is noted of them. */
#include "lb/http/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "head_fixture.h"

/* What follows the forwarded fields when nothing about it was in the request. The ids are the first
 * two numbers of splitmix64 from zero, lowest digit first. */
#define MADE_ID "fadcd1b7938a022e4f569b1aa6e987e6"
#define ADDED_WITH_PORT(host, port, via)                                                           \
    "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: " host "\r\nX-Forwarded-Port: " port         \
    "\r\nX-Real-IP: 10.0.0.9\r\nVia: " via " lb"
#define ADDED_BEFORE_ID(host, via) ADDED_WITH_PORT(host, "80", via)
#define ADDED(host, via)           ADDED_BEFORE_ID(host, via) "\r\nX-Request-Id: "
#define TAIL(host)                 "X-Forwarded-For: 10.0.0.9" ADDED(host, "1.1") MADE_ID "\r\n\r\n"

static void check_with(const struct forward_request *options, const char *request, const char *want)
{
    const struct head *head = parse(PARSER_REQUEST, view_str(request));
    struct block *out = block_of(forward_request_bound(head, options));
    struct forwarded forwarded;
    forward_request(head, options, out, &forwarded);
    struct view id = forwarded.request_id;
    if (!view_eq(block_view(out), view_str(want)))
        fail_msg("---- request\n%s---- want\n%s---- got\n%.*s----", request, want, (int)out->len,
                 out->bytes);
    assert_true(id.ptr >= out->bytes && id.ptr + id.len == out->bytes + out->len - 4);
    free(out);
}

static void check_request(const char *request, const char *want)
{
    struct rng rng;
    struct forward_request options = options_of(&rng);
    check_with(&options, request, want);
}

static void test_request(void **state)
{
    static const struct {
        const char *request, *want;
    } cases[] = {
        {"GET /a?b HTTP/1.1\r\nHost: x\r\nA:  1\r\nb:2 \r\n\r\n",
         "GET /a?b HTTP/1.1\r\nHost: x\r\nA:  1\r\nb:2 \r\n" TAIL("x")},
        {"\r\n\r\nbrew /\xc3\xa9 HTTP/1.1\r\nHost: x:80\r\n\r\n",
         "brew /\xc3\xa9 HTTP/1.1\r\nHost: x:80\r\n" TAIL("x:80")},
        /* first, middle and last line, neighbours and single ones */
        {"GET / HTTP/1.1\r\nTE: a\r\nHost: x\r\nKeep-Alive: a\r\nTrailer: b\r\nA: 1\r\nB: 2\r\n"
         "Proxy-Connection: c\r\nC: 3\r\nUpgrade: d\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nHost: x\r\nProxy: http://evil\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nA: 1\r\nConnection: a, keep-alive,B\r\nb: 2\r\nA: 3\r\nHost: x\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
         "HTTP2-Settings: AAMAAABkAAQ\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        /* a wish to upgrade and TE: trailers go on in lb's own words, alone */
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, upgrade, A\r\nA: 1\r\n"
         "Upgrade: websocket/13\r\nTE: trailers\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9" ADDED_BEFORE_ID(
             "x",
             "1.1") "\r\nConnection: Upgrade\r\nUpgrade: websocket/13\r\nX-Request-Id: " MADE_ID
                    "\r\n\r\n"},
        {"PUT / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: a\r\nContent-Length: "
         "0\r\n\r\n",
         "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nX-Forwarded-For: "
         "10.0.0.9" ADDED_BEFORE_ID("x", "1.1") "\r\nConnection: Upgrade\r\nUpgrade: "
                                                "a\r\nX-Request-Id: " MADE_ID "\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c,a\r\nUpgrade: ,b\r\n"
         "HTTP2-Settings: AAMAAABkAAQ\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9" ADDED_BEFORE_ID(
             "x", "1.1") "\r\nConnection: Upgrade\r\nUpgrade: a, b\r\nX-Request-Id: " MADE_ID
                         "\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: x\r\nTE: gzip, trailers\r\nConnection: TE\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9" ADDED_BEFORE_ID(
             "x", "1.1") "\r\nTE: trailers\r\nConnection: TE\r\nX-Request-Id: " MADE_ID "\r\n\r\n"},
        /* Connection strips nothing that is needed */
        {"GET / HTTP/1.1\r\nConnection: Host\r\nHost: x\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        {"PUT / HTTP/1.1\r\nHost: x\r\nConnection: Content-Length\r\nContent-Length: 2\r\n\r\nhi",
         "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: X-Forwarded-For, X-Forwarded-Proto, "
         "X-Forwarded-Host, X-Real-IP, Via, X-Request-Id\r\nX-Forwarded-For: 1.1.1.1\r\n"
         "Via: 1.1 a\r\nX-Request-Id: mine\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nVia: 1.1 a\r\n"
         "X-Forwarded-For: 10.0.0.9" ADDED("x", "1.1") "mine\r\n\r\n"},
        /* fields that lb writes are replaced or appended to */
        {"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n"
         "X-Real-IP: 6.6.6.6\r\nx-real-ip: 7.7.7.7\r\nVia: 1.0 a, 1.1 b\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nVia: 1.0 a, 1.1 b\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1\r\nHost: x\r\nForwarded: for=6.6.6.6\r\n"
         "A: 1\r\nx-forwarded-for: 2.2.2.2\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\n" TAIL("x")},
        /* framing and expectation */
        {"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\t Chunked \r\nTrailer: "
         "a\r\n\r\n0\r\n\r\n",
         "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" TAIL("x")},
        {"PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
         "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        {"PUT / HTTP/1.0\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
         "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
         "X-Forwarded-For: 10.0.0.9" ADDED("x", "1.0") MADE_ID "\r\n\r\n"},
        /* HTTP/1.0 becomes 1.1 with a host */
        {"GET / HTTP/1.0\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: default\r\n"
         "X-Forwarded-For: 10.0.0.9" ADDED("default", "1.0") MADE_ID "\r\n\r\n"},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nA: 1\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: default\r\nA: 1\r\n"
         "X-Forwarded-For: 10.0.0.9" ADDED("default", "1.0") MADE_ID "\r\n\r\n"},
        /* other forms of target */
        {"GET http://a:81/p?q HTTP/1.1\r\nHost: b\r\nA: 1\r\n\r\n",
         "GET /p?q HTTP/1.1\r\nHost: a:81\r\nA: 1\r\nX-Forwarded-For: 10.0.0.9" ADDED_WITH_PORT(
             "a:81", "81", "1.1") "\r\nX-Request-Id: " MADE_ID "\r\n\r\n"},
        {"GET HTTPS://a HTTP/1.1\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n" TAIL("a")},
        {"GET http://a?q HTTP/1.1\r\nHost: b\r\n\r\n", "GET /?q HTTP/1.1\r\nHost: a\r\n" TAIL("a")},
        {"OPTIONS http://a HTTP/1.1\r\nHost: b\r\n\r\n",
         "OPTIONS * HTTP/1.1\r\nHost: a\r\n" TAIL("a")},
        {"OPTIONS http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
         "OPTIONS / HTTP/1.1\r\nHost: a\r\n" TAIL("a")},
        {"OPTIONS http://a?q HTTP/1.1\r\nHost: b\r\n\r\n",
         "OPTIONS /?q HTTP/1.1\r\nHost: a\r\n" TAIL("a")},
        {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_request(cases[i].request, cases[i].want);
}

/* From a client that is trusted, what it says of others is kept. */
static void test_trusted(void **state)
{
    static const struct {
        const char *request, *want;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1,  2.2.2.2\r\nHost: x\r\nX-FORWARDED-FOR:\r\n"
         "A: 1\r\nx-forwarded-for: \t3.3.3.3 \r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\n"
         "X-Forwarded-For: 1.1.1.1,  2.2.2.2, 3.3.3.3, 10.0.0.9" ADDED("x", "1.1") MADE_ID
         "\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: y\r\n"
         "X-Real-IP: 1.1.1.1\r\nConnection: X-Forwarded-Proto, X-Real-IP\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\n"
         "X-Forwarded-Host: y\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Ssl: on\r\nX-Real-IP: "
         "1.1.1.1\r\nVia: 1.1 "
         "lb\r\nX-Request-Id: " MADE_ID "\r\n\r\n"},
        {"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto:\r\nX-Forwarded-Host: "
         "\r\nX-Real-IP:\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\n" TAIL("x")},
        {"GET / HTTP/1.1\r\nForwarded: for=a\r\nHost: x\r\nforwarded: for=b;by=c, for=d\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: http\r\n"
         "X-Forwarded-Host: x\r\nX-Forwarded-Port: 80\r\nX-Real-IP: 10.0.0.9\r\n"
         "Forwarded: for=a, for=b;by=c, for=d, for=10.0.0.9;proto=http;host=\"x\"\r\n"
         "Via: 1.1 lb\r\nX-Request-Id: " MADE_ID "\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rng rng;
        struct forward_request options = options_of(&rng);
        options.is_trusted = true;
        check_with(&options, cases[i].request, cases[i].want);
    }
}

static void test_forwarded(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: x:1\r\nForwarded: for=6.6.6.6\r\n\r\n";
    struct rng rng;
    struct forward_request options = options_of(&rng);
    (void)state;
    options.adds_forwarded = true;
    options.client_ip = VIEW("fd00::9");
    check_with(&options, request,
               "GET / HTTP/1.1\r\nHost: x:1\r\nX-Forwarded-For: fd00::9\r\n"
               "X-Forwarded-Proto: http\r\nX-Forwarded-Host: x:1\r\n"
               "X-Forwarded-Port: 1\r\nX-Real-IP: fd00::9\r\n"
               "Forwarded: for=\"[fd00::9]\";proto=http;host=\"x:1\"\r\n"
               "Via: 1.1 lb\r\nX-Request-Id: " MADE_ID "\r\n\r\n");
}

/* An lb behind others names its instance, which is 0 here, in a comment. */
static void test_via_behind_others(void **state)
{
    static const struct {
        const char *given, *want;
    } cases[] = {
        {"1.1 other", "1.1 lb"},
        {"1.1 lbx, 1.1 lb.example", "1.1 lb"},
        {"1.1 lb", "1.1 lb (00000000)"},
        {"1.0 a, HTTP/1.1 LB", "1.1 lb (00000000)"},
        {"1.1 lb, 1.1 lb (12345678)", "1.1 lb (00000000)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char request[256], want[512];
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: x\r\nVia: %s\r\n\r\n",
                 cases[i].given);
        snprintf(want, sizeof(want),
                 "GET / HTTP/1.1\r\nHost: x\r\nVia: %s\r\nX-Forwarded-For: 10.0.0.9\r\n"
                 "X-Forwarded-Proto: http\r\nX-Forwarded-Host: x\r\nX-Forwarded-Port: 80\r\n"
                 "X-Real-IP: 10.0.0.9\r\nVia: %s\r\nX-Request-Id: " MADE_ID "\r\n\r\n",
                 cases[i].given, cases[i].want);
        check_request(request, want);
    }
}

static void test_max_forwards(void **state)
{
    static const struct {
        const char *method, *given, *want;
    } cases[] = {
        {"OPTIONS", "Max-Forwards: 10\r\n", "\r\nMax-Forwards: 9"},
        {"TRACE", "max-forwards: 1\r\n", "\r\nMax-Forwards: 0"},
        {"TRACE", "max-forwards: 4294967295\r\n", "\r\nMax-Forwards: 4294967294"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char request[256], want[512];
        snprintf(request, sizeof(request), "%s / HTTP/1.1\r\nHost: x\r\n%s\r\n", cases[i].method,
                 cases[i].given);
        snprintf(want, sizeof(want),
                 "%s / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9\r\n"
                 "X-Forwarded-Proto: http\r\nX-Forwarded-Host: x\r\nX-Forwarded-Port: 80\r\n"
                 "X-Real-IP: 10.0.0.9%s\r\n"
                 "Via: 1.1 lb\r\nX-Request-Id: " MADE_ID "\r\n\r\n",
                 cases[i].method, cases[i].want);
        check_request(request, want);
    }
    check_request("GET / HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n",
                  "GET / HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n" TAIL("x"));
    check_request("TRACE / HTTP/1.1\r\nHost: x\r\nMax-Forwards: -1\r\n\r\n",
                  "TRACE / HTTP/1.1\r\nHost: x\r\nMax-Forwards: -1\r\n" TAIL("x"));
}

static void test_request_id(void **state)
{
    static const struct {
        const char *value;
        bool is_kept;
    } cases[] = {
        {"a", true},     {"AZaz09-._:/+=@", true}, {"9f86d081-884c-4d65-9a2f-eaa0c55ad015", true},
        {"", false},     {"a b", false},           {"a,b", false},
        {"a\"b", false}, {"a<script>", false},     {"a;b", false},
        {"a%0d", false}, {"\xc3\xa9", false},      {"a\tb", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char request[256], want[512];
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: x\r\nx-request-id: %s\r\n\r\n",
                 cases[i].value);
        snprintf(want, sizeof(want), "%s%s\r\n\r\n",
                 "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9" ADDED("x", "1.1"),
                 cases[i].is_kept ? cases[i].value : MADE_ID);
        check_request(request, want);
    }
}

static void test_request_id_length(void **state)
{
    (void)state;
    for (int len = FORWARD_REQUEST_ID_BYTES; len <= FORWARD_REQUEST_ID_BYTES + 1; len++) {
        char request[512], want[512], id[FORWARD_REQUEST_ID_BYTES + 2];
        memset(id, 'i', sizeof(id));
        snprintf(request, sizeof(request),
                 "GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: %.*s\r\nX-Request-Id: second\r\n\r\n",
                 len, id);
        snprintf(want, sizeof(want), "%s%.*s\r\n\r\n",
                 "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.9" ADDED("x", "1.1"), len,
                 len > FORWARD_REQUEST_ID_BYTES ? MADE_ID : id);
        check_request(request, want);
    }
}

/* ---- what is noted of it --------------------------------------------------------------------- */

static void check_values(const char *request, const char *const want[5])
{
    struct rng rng;
    struct forward_request options = options_of(&rng);
    const struct head *head = parse(PARSER_REQUEST, view_str(request));
    struct block *out = block_of(forward_request_bound(head, &options));
    struct forwarded forwarded;
    forward_request(head, &options, out, &forwarded);
    struct view line = block_view(out);
    assert_true(view_eq(view_cut(&line, ' '), forwarded.method));
    assert_true(view_eq(view_cut(&line, ' '), forwarded.target));
    const struct view got[] = {forwarded.host, forwarded.user_agent, forwarded.referer,
                               forwarded.accept, forwarded.forwarded_for};
    static const char *const names[] = {"host", "user-agent", "referer", "accept",
                                        "x-forwarded-for"};
    for (unsigned i = 0; i < COUNT_OF(got); i++) {
        struct view found = find_value(block_view(out), view_str(names[i]));
        if (!view_eq(got[i], view_str(want[i])) || found.ptr != got[i].ptr)
            fail_msg("%s of\n%s\nis %.*s", names[i], request, (int)got[i].len, got[i].ptr);
    }
    free(out);
}

static void test_noted(void **state)
{
    static const struct {
        const char *request, *want[5];
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a b\r\nReferer: /c\r\n\r\n",
         {"x", "a b", "/c", "", "10.0.0.9"}},
        {"GET / HTTP/1.1\r\nREFERER:/c\t\r\nuser-agent:  a\r\nhOST:x\r\n\r\n",
         {"x", "a", "/c", "", "10.0.0.9"}},
        {"GET / HTTP/1.1\r\nTE: x\r\nHost: x\r\nAccept: a\r\nTE: y\r\nReferer: b\r\n\r\n",
         {"x", "", "b", "a", "10.0.0.9"}},
        {"GET / HTTP/1.1\r\nConnection: referer\r\nReferer: b\r\nHost: x\r\n\r\n",
         {"x", "", "", "", "10.0.0.9"}},
        {"OPTIONS http://y HTTP/1.1\r\nHost: x\r\n\r\n", {"y", "", "", "", "10.0.0.9"}},
        {"GET http://y?a HTTP/1.1\r\nHost: x\r\n\r\n", {"y", "", "", "", "10.0.0.9"}},
        {"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n", {"y", "", "", "", "10.0.0.9"}},
        {"GET / HTTP/1.0\r\nUser-Agent:\r\nUser-Agent: a\r\nReferer: b\r\nReferer: c\r\n\r\n",
         {"default", "", "b", "", "10.0.0.9"}},
        {"GET / HTTP/1.1\r\nHosts: a\r\nHos: b\r\nUser-Agents: c\r\nReferrer: d\r\n"
         "X-Forwarded-Foreign: e\r\nx-forwarded-for: f\r\nX-Forwarded-For: g\r\nHost: x\r\n\r\n",
         {"x", "", "", "", "10.0.0.9"}},
    };
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(cases); i++)
        check_values(cases[i].request, cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),           cmocka_unit_test(test_trusted),
        cmocka_unit_test(test_forwarded),         cmocka_unit_test(test_via_behind_others),
        cmocka_unit_test(test_max_forwards),      cmocka_unit_test(test_request_id),
        cmocka_unit_test(test_request_id_length), cmocka_unit_test(test_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
