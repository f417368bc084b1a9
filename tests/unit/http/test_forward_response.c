/* Heads of responses as they go out, byte for byte. */
#include "lb/http/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "head_fixture.h"

static void test_response(void **state)
{
    static const struct {
        const char *response;
        struct forward_response options;
        const char *want;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nhi",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n"},
        {"HTTP/1.0 404\r\nConnection: close, A\r\nA: 1\r\nContent-Length: 0\r\nKeep-Alive: "
         "b\r\n\r\n",
         {false, FORWARD_KEEP_ALIVE, {NULL, 0}},
         "HTTP/1.1 404 \r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
        {"HTTP/1.1 599 \xc3\xa9 x\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\nB: 1\r\n\r\n",
         {true, FORWARD_CLOSE, {NULL, 0}},
         "HTTP/1.1 599 \xc3\xa9 x\r\nB: 1\r\nTransfer-Encoding: chunked\r\nConnection: close"
         "\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nProxy-Authenticate: a\r\n\r\n",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 200 OK\r\nProxy-Authenticate: a\r\n\r\n"},
        {"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade, A\r\nA: 1\r\n\r\n",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
        {"HTTP/1.1 426 No\r\nUpgrade: a, b\r\nContent-Length: 0\r\n\r\n",
         {false, FORWARD_CLOSE, {NULL, 0}},
         "HTTP/1.1 426 No\r\nContent-Length: 0\r\nUpgrade: a, b\r\nConnection: Upgrade, close"
         "\r\n\r\n"},
        /* a final answer has a date (RFC 9110 § 6.6.1) */
        {"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
         {false, FORWARD_PERSISTS, {"now", 3}},
         "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\nDate: now\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\ndate: then\r\nContent-Length: 0\r\n\r\n",
         {false, FORWARD_PERSISTS, {"now", 3}},
         "HTTP/1.1 200 OK\r\ndate: then\r\nContent-Length: 0\r\n\r\n"},
        {"HTTP/1.1 103 Early\r\nLink: a\r\n\r\n",
         {false, FORWARD_PERSISTS, {"now", 3}},
         "HTTP/1.1 103 Early\r\nLink: a\r\n\r\n"},
        /* Content-Length stands with 304 and is wrong with 1xx and 204 (RFC 9110 § 8.6) */
        {"HTTP/1.1 304 No\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 304 No\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n"},
        {"HTTP/1.1 204 No\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 204 No\r\nETag: \"a\"\r\n\r\n"},
        {"HTTP/1.1 103 Early\r\nLink: a\r\nContent-Length: 5\r\n\r\n",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 103 Early\r\nLink: a\r\n\r\n"},
        /* what a server says about the client's side is its own business */
        {"HTTP/1.1 200 OK\r\nHost: a\r\nX-Forwarded-For: b\r\nX-Request-Id: c\r\nVia: d\r\n"
         "Expect: e\r\nContent-Length: 0\r\n\r\n",
         {false, FORWARD_PERSISTS, {NULL, 0}},
         "HTTP/1.1 200 OK\r\nHost: a\r\nX-Forwarded-For: b\r\nX-Request-Id: c\r\nVia: d\r\n"
         "Expect: e\r\nContent-Length: 0\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct head *head = parse(PARSER_RESPONSE, view_str(cases[i].response));
        struct block *out = block_of(forward_response_bound(head));
        forward_response(head, &cases[i].options, out);
        if (!view_eq(block_view(out), view_str(cases[i].want)))
            fail_msg("---- want\n%s---- got\n%.*s----", cases[i].want, (int)out->len, out->bytes);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
