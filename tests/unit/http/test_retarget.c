/* A head with another target. */
#include "lb/http/retarget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HEAD "GET /api/x?y HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"

static void check(const struct retarget *retarget, const char *wanted)
{
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_target_is_another_and_the_rest_stays),
        cmocka_unit_test(test_the_prefix_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
