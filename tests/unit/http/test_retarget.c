/* A head with another target. */
#include "lb/http/retarget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define HEAD "GET /api/x?y HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"

static struct view given(struct view text)
{
    return text.ptr ? text : VIEW("");
}

static void check(struct retarget *retarget, const char *wanted)
{
    for (size_t i = 0; i < sizeof(retarget->path) / sizeof(retarget->path[0]); i++)
        retarget->path[i] = given(retarget->path[i]);
    retarget->query = given(retarget->query);
    retarget->prefix = given(retarget->prefix);
    struct block_pool pool = {.max_bytes = 1 << 20};
    struct block *out = block_take(&pool, retarget_bound(retarget));
    retarget_write(retarget, out);
    assert_true(out->len <= retarget_bound(retarget));
    assert_int_equal(out->len, strlen(wanted));
    assert_memory_equal(out->bytes, wanted, out->len);
    block_give(&pool, out);
    block_pool_fini(&pool);
}

static void test_the_target_is_another_and_the_rest_stays(void **state)
{
    struct retarget retarget = {.head = VIEW(HEAD), .query = VIEW("?y")};
    (void)state;
    retarget.target = view_of(retarget.head.ptr + 4, 8);
    retarget.path[0] = VIEW("/base");
    retarget.path[1] = VIEW("/");
    retarget.path[2] = VIEW("x");
    check(&retarget, "GET /base/x?y HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n");
}

static void test_the_prefix_is_told(void **state)
{
    struct retarget retarget = {.head = VIEW(HEAD), .prefix = VIEW("/api")};
    (void)state;
    retarget.target = view_of(retarget.head.ptr + 4, 8);
    retarget.path[1] = VIEW("/");
    check(&retarget, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX-Forwarded-Prefix: /api\r\n\r\n");
}

static void test_the_prefix_goes_behind_those_of_proxies_before(void **state)
{
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"X-Forwarded-Prefix: /out\r\nX: 1\r\n", "X-Forwarded-Prefix: /out, /api\r\nX: 1\r\n"},
        {"X: 1\r\nx-forwarded-PREFIX:/out\r\n", "X: 1\r\nx-forwarded-PREFIX:/out, /api\r\n"},
        {"X-Forwarded-Prefix: \r\n", "X-Forwarded-Prefix: /api\r\n"},
        {"X-Forwarded-Prefix:\r\n", "X-Forwarded-Prefix:/api\r\n"},
        {"X-Forwarded-Prefix: /a\r\nX-Forwarded-Prefix: /b\r\n",
         "X-Forwarded-Prefix: /a\r\nX-Forwarded-Prefix: /b, /api\r\n"},
        {"X: X-Forwarded-Prefix: /out\r\n",
         "X: X-Forwarded-Prefix: /out\r\nX-Forwarded-Prefix: /api\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char head[200], wanted[200];
        snprintf(head, sizeof(head), "GET /api/x HTTP/1.1\r\n%s\r\n", rows[i].before);
        snprintf(wanted, sizeof(wanted), "GET /x HTTP/1.1\r\n%s\r\n", rows[i].after);
        struct retarget retarget = {
            .head = view_str(head), .prefix = VIEW("/api"), .path = {VIEW("/"), VIEW("x")}};
        retarget.target = view_of(head + 4, 6);
        check(&retarget, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_target_is_another_and_the_rest_stays),
        cmocka_unit_test(test_the_prefix_is_told),
        cmocka_unit_test(test_the_prefix_goes_behind_those_of_proxies_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
