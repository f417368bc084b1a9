/* Heads as they are written, byte by byte. */
#include "lb/http/head_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_request(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    text_append_str(&text, "before");
    struct head_writer writer = head_writer_in_text(&text, 200);
    head_writer_request_line(&writer, VIEW("GET"), VIEW("/"), VIEW("?a"));
    head_writer_field(&writer, VIEW("Host"), VIEW("x"));
    head_writer_field_u64(&writer, VIEW("Content-Length"), UINT64_MAX);
    head_writer_put(&writer, VIEW("A:1\r\nB:2\r\n"));
    head_writer_name(&writer, VIEW("Via"));
    head_writer_put(&writer, VIEW("1.1 "));
    head_writer_put(&writer, VIEW("lb"));
    head_writer_end_line(&writer);
    head_writer_end_text(&writer, &text);
    assert_string_equal(text_str(&text),
                        "beforeGET /?a HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615"
                        "\r\nA:1\r\nB:2\r\nVia: 1.1 lb\r\n\r\n");
    assert_int_equal(text.len, strlen(text_str(&text)));
    text_fini(&text);
}

static void test_response(void **state)
{
    static const struct {
        unsigned status;
        const char *reason, *want;
    } cases[] = {
        {100, "Continue", "HTTP/1.1 100 Continue\r\n\r\n"},
        {204, "", "HTTP/1.1 204 \r\n\r\n"},
        {987, "x y", "HTTP/1.1 987 x y\r\n\r\n"},
    };
    struct block_pool blocks = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct block *block = block_take(&blocks, 100);
        struct head_writer writer = head_writer_in(block);
        head_writer_status_line(&writer, cases[i].status, view_str(cases[i].reason));
        head_writer_end(&writer, block);
        assert_true(view_eq(block_view(block), view_str(cases[i].want)));
        block_give(&blocks, block);
    }
    block_pool_fini(&blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
