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
    for (int err = ERR_OK + 1; err < ERR_COUNT; err++) {
        if (err_status((enum err)err) == 499)
            continue; /* nobody is left to read it */
        struct block *out = block_take(&pool, ANSWER_ERROR_BYTES);
        struct view body = {0};
        answer_error(&(struct answer_error){.err = (enum err)err,
                                            .request_id = view_of(id, sizeof(id)),
                                            .closes = true,
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
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_every_error),
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_reason),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
