/* lb's own answers: whole, well-framed, and always within the room that is promised. */
#include "lb/http/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "lb/http/forward.h"
#include "lb/http/parser.h"

static struct block_pool pool;

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(pool.used_bytes, 0);
    block_pool_fini(&pool);
    return 0;
}

static void check(const struct answer_error *answer, const char *want)
{
    struct block *out = block_take(&pool, ANSWER_ERROR_BYTES);
    answer_error(answer, out);
    block_append(out, view_of("", 1));
    assert_string_equal(out->bytes, want);
    block_give(&pool, out);
}

static void test_exact(void **state)
{
    (void)state;
    check(&(struct answer_error){.err = ERR_NO_ENDPOINT, .retry_after_s = 3},
          "HTTP/1.1 503 Service Unavailable\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Length: 63\r\n"
          "Cache-Control: no-store\r\n"
          "Retry-After: 3\r\n"
          "\r\n"
          "503 Service Unavailable: No server is available at the moment.\n");
    check(&(struct answer_error){.err = ERR_HOST, .request_id = VIEW("id-1"), .closes = true},
          "HTTP/1.1 400 Bad Request\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Length: 82\r\n"
          "Cache-Control: no-store\r\n"
          "X-Request-Id: id-1\r\n"
          "Connection: close\r\n"
          "\r\n"
          "400 Bad Request: The Host field is missing, repeated or malformed. (request id-1)\n");
    check(&(struct answer_error){.err = ERR_NO_ROUTE, .is_to_head = true},
          "HTTP/1.1 404 Not Found\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Length: 52\r\n"
          "Cache-Control: no-store\r\n"
          "\r\n");
}

static void test_json(void **state)
{
    (void)state;
    check(&(struct answer_error){.err = ERR_NO_ENDPOINT,
                                 .request_id = VIEW("id-1"),
                                 .wants_json = true},
          "HTTP/1.1 503 Service Unavailable\r\n"
          "Content-Type: application/json\r\n"
          "Content-Length: 115\r\n"
          "Cache-Control: no-store\r\n"
          "X-Request-Id: id-1\r\n"
          "\r\n"
          "{\"status\":503,\"error\":\"Service Unavailable\","
          "\"message\":\"No server is available at the moment.\",\"request_id\":\"id-1\"}\n");
}

static void test_page(void **state)
{
    struct answer_page page = {.content_type = "text/html", .body = VIEW("<p>Back at nine")};
    struct block *out = block_take(&pool, ANSWER_ERROR_BYTES + page.body.len);
    (void)state;
    answer_error(&(struct answer_error){.err = ERR_NO_ENDPOINT, .page = &page}, out);
    block_append(out, view_of("", 1));
    assert_string_equal(out->bytes, "HTTP/1.1 503 Service Unavailable\r\n"
                                    "Content-Type: text/html\r\n"
                                    "Content-Length: 15\r\n"
                                    "Cache-Control: no-store\r\n"
                                    "\r\n"
                                    "<p>Back at nine");
    block_give(&pool, out);
}

static void test_accept(void **state)
{
    static const char *const yes[] = {"application/json", "Application/JSON;q=0.1",
                                      "text/plain, application/json", "application/problem+json"};
    static const char *const no[] = {"", "*/*", "text/html,application/json;q=0.9",
                                     "application/jsonx", "application/json, text/html"};
    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(answer_wants_json(view_str(yes[i])));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(answer_wants_json(view_str(no[i])));
    assert_false(answer_wants_json(view_of(NULL, 0)));
}

/* Every error with the longest id: a client can read the answer, and the length is the body's. */
static void test_every_error(void **state)
{
    char id[FORWARD_REQUEST_ID_BYTES];
    struct parser_setup setup;
    struct parser parser;
    (void)state;
    memset(id, 'i', sizeof(id));
    parser_setup_init(&setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = 4096,
                                              .max_field_count = 10,
                                              .max_target_bytes = 65536});
    for (int i = 2 * ERR_OK + 2; i < 2 * ERR_COUNT; i++) {
        int err = i / 2;
        if (err_status((enum err)err) == 499)
            continue; /* nobody is left to read it */
        struct block *out = block_take(&pool, ANSWER_ERROR_BYTES);
        struct view body = {0};
        answer_error(&(struct answer_error){.err = (enum err)err,
                                            .request_id = view_of(id, sizeof(id)),
                                            .closes = true,
                                            .wants_json = i % 2 == 1,
                                            .retry_after_s = UINT32_MAX},
                     out);
        assert_true(out->len <= ANSWER_ERROR_BYTES);
        struct view input = block_view(out);
        parser_init(&parser, &setup);
        assert_int_equal(parser_step(&parser, &input, &body), PARSER_HEAD);
        assert_int_equal(parser.head.status, err_status((enum err)err));
        assert_true(parser.head.reason.len > 0);
        assert_false(parser.head.is_keep_alive);
        assert_int_equal(parser_step(&parser, &input, &body), PARSER_BODY);
        assert_int_equal(body.len, parser.head.content_length);
        assert_int_equal(body.ptr[body.len - 1], '\n');
        assert_int_equal(parser_step(&parser, &input, &body), PARSER_END);
        assert_int_equal(input.len, 0);
        parser_fini(&parser);
        block_give(&pool, out);
    }
}

/* Behind what is in the block already, and without a zero behind it. */
static void test_appends(void **state)
{
    struct block *out = block_take(&pool, ANSWER_ERROR_BYTES + 3);
    (void)state;
    block_append(out, VIEW("abc"));
    answer_error(&(struct answer_error){.err = ERR_TARGET}, out);
    assert_memory_equal(out->bytes, "abcHTTP/1.1 400 Bad Request\r\n", 29);
    assert_int_equal(out->bytes[out->len - 1], '\n');
    block_give(&pool, out);
}

static void test_reason(void **state)
{
    (void)state;
    assert_string_equal(answer_reason(200), "OK");
    assert_string_equal(answer_reason(505), "HTTP Version Not Supported");
    assert_string_equal(answer_reason(418), "");
    assert_string_equal(answer_reason(0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),       cmocka_unit_test(test_json),
        cmocka_unit_test(test_page),        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_every_error), cmocka_unit_test(test_appends),
        cmocka_unit_test(test_reason),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
