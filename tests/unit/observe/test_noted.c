/* What is kept of a record: cut to its room, without query. */
#include "lb/observe/noted.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_paths(void **state)
{
    static const struct {
        const char *target;
        const char *path;
    } rows[] = {
        {"/a/b?secret=1", "/a/b"},
        {"/?", "/"},
        {"http://u:p@a.test/x?y", "/x"},
        {"http://a.test", "/"},
        {"http://a.test?x", "/"},
        {"*", "*"},
        {"", ""},
        {"a.test:443", "a.test:443"}, /* of CONNECT */
        {"?x", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct noted noted;
        struct record record = {.target = view_str(rows[i].target)};
        noted_take(&noted, &record);
        assert_string_equal(noted.path, rows[i].path);
    }
}

static void test_all_of_it(void **state)
{
    struct noted noted;
    struct record record = {.kind = RECORD_TUNNEL,
                            .end = ERR_UPSTREAM_RESET,
                            .status = 502,
                            .attempt_count = 3,
                            .retried_after = 1 | UINT64_C(1) << ERR_REFUSED,
                            .start_wall_ns = 7000,
                            .total_ns = 500,
                            .request_id = VIEW("id"),
                            .method = VIEW("GET"),
                            .host = VIEW("a.test"),
                            .client_ip = VIEW("192.0.2.1"),
                            .tls_version = VIEW("1.3"),
                            .route = VIEW("r"),
                            .service = VIEW("s"),
                            .endpoint_name = VIEW("web1"),
                            .endpoint_id = VIEW("c0"),
                            .endpoint_own_id = VIEW("c0/80")};
    (void)state;
    noted_take(&noted, &record);
    assert_int_equal(noted.end_ns, 7500);
    assert_int_equal(noted.retried_after, UINT64_C(1) << ERR_REFUSED);
    assert_true(noted.is_by_tls && noted.kind == RECORD_TUNNEL && noted.status == 502);
    assert_string_equal(noted.endpoint_id, "c0/80");
    assert_string_equal(noted.endpoint_name, "web1");
    assert_string_equal(noted.client, "192.0.2.1");
    assert_string_equal(noted.listener, "");
}

/* No part of a character stays. */
static void test_long_texts_are_cut(void **state)
{
    struct noted noted;
    char host[300] = "";
    struct record record = {.host = view_of(host, sizeof(host))};
    (void)state;
    memset(host, 'a', sizeof(host));
    noted_take(&noted, &record);
    assert_int_equal(strlen(noted.host), sizeof(noted.host) - 1);
    memcpy(host + sizeof(noted.host) - 2, "\xE2\x82\xAC", 3); /* its second byte has no room */
    noted_take(&noted, &record);
    assert_int_equal(strlen(noted.host), sizeof(noted.host) - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
