/* Each test is a row of the table of VIRTUAL_HOST_MULTIPORTS, and is called as the row is. */
#include "tests/unit/discovery/dialect/nginx_proxy_given.h"

#define MULTIPORTS "VIRTUAL_HOST_MULTIPORTS="

static void N18_multiports_come_before_virtual_host(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PORT=9;VIRTUAL_PATH=/x;VIRTUAL_HOST_MULTIPORTS=b.test:",
           "host=b.test > b.test:80");
}

static void N55_empty_value_is_all_defaults(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "www.a.test:", "host=www.a.test > www.a.test:80");
    ROUTES(MULTIPORTS "{\"www.a.test\": {}}", "host=www.a.test > www.a.test:80");
    EXPOSED(MULTIPORTS "\n  www.a.test:\n  b.test: ~\n",
            EXPOSES("81/tcp"
                    : {}),
            "host=www.a.test > www.a.test:81\nhost=b.test > b.test:81");
    check((struct words){"X=1", "{\"VIRTUAL_HOST_MULTIPORTS\":\"a:\"}", 0, {0}}, "host=a > a:80",
          NULL);
    ROUTES(MULTIPORTS, "");
}

static void N56_port_of_a_path(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "a.test: {\"/\": {port: 8000}}", "host=a.test > a.test:8000");
    ROUTES(MULTIPORTS "{\"a.test\":\t{\"/\": {\"port\": 8000}}}", "host=a.test > a.test:8000");
    ROUTES(MULTIPORTS "\na.test:\n  \"/\":\n    port: \"8000\"\n", "host=a.test > a.test:8000");
    TOLD(MULTIPORTS "{a: {/: {port: x}, /b: {port: 9}}}",
         "host=a > 503\nhost=a path_start=/b > a/b:9",
         "VIRTUAL_HOST_MULTIPORTS=\"x\" cannot be used");
}

static void N57_ports_and_dests_of_several_paths(void **state)
{
    (void)state;
    TOLD(MULTIPORTS "v.test: {\"/\": {}, \"/rootdest\": {port: 10001, dest: \"/\"}, "
                    "\"/customdest\": {port: 10002, dest: \"/port\"}}",
         "host=v.test > v.test:80\n"
         "host=v.test path_start=/rootdest strip=/rootdest > v.test/rootdest:10001\n"
         "host=v.test path_start=/customdest strip=/customdest add=/port "
         "> v.test/customdest:10002",
         "VIRTUAL_DEST=/ is followed, and what is sent on begins with it and one slash: let "
         "both VIRTUAL_PATH and VIRTUAL_DEST end in a slash");
}

static void N58_keys_that_are_no_paths(void **state)
{
    (void)state;
    TOLD(MULTIPORTS "a.test: {external_http_port: 8080, foo: 1, /x: {}}",
         "host=a.test path_start=/x > a.test/x:80", "external_http_port");
    TOLD(MULTIPORTS "a.test: {foo: 1}", "host=a.test > a.test:80", "foo");
}

static void N59_mistakes_leave_the_container_out(void **state)
{
    (void)state;
    TOLD(MULTIPORTS "a.test: {", "", "column 1");
    TOLD(MULTIPORTS "{\"a\":{},\"a\":{}}", "", "this key was there before");
    TOLD(MULTIPORTS "a: {/x: {}, /x: {}}", "", "this key was there before");
    TOLD(MULTIPORTS "a.test", "", "hosts with paths below them");
    TOLD(MULTIPORTS "a: &x {}\nb: *x", "", "anchors");
    TOLD(MULTIPORTS "\" \": {}", "", "it names no host");
}

static void test_what_is_below_a_host_and_cannot_be_read_is_held(void **state)
{
    struct statement said;
    (void)state;
    TOLD(
        MULTIPORTS "a: {/: 80, /x: {port: 9}}", "host=a > 503\nhost=a path_start=/x > a/x:9",
        "=\"a\" cannot be used: a path has port, dest and proto below it; its route is answered by "
        "503 until that is mended");
    TOLD(MULTIPORTS "a: {/x: 80}", "host=a path_start=/x > 503", "=\"/x\" cannot be used");
    TOLD(MULTIPORTS "a: 80\nb: ", "host=a > 503\nhost=b > b:80", "a host has paths");
    TOLD(MULTIPORTS "{\"a\": [1]}", "host=a > 503", "a host has paths");
    read_words(&(struct words){.environment = MULTIPORTS "a: 80"}, &said);
    assert_true(view_eq(said.claims.routes[0].why, VIEW("VIRTUAL_HOST_MULTIPORTS=\"a\" cannot be "
                                                        "used: a host has paths below it")));
    statement_fini(&said);
}

static void N60_multiports_and_virtual_host_are_one_pool(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "{\"A.test\":{\"/x\":{\"port\":2}}}",
           "host=a.test path_start=/x > a.test/x:2");
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PATH=/x;VIRTUAL_PORT=1",
           "host=a.test path_start=/x > a.test/x:1");
}

static void N61_protocol_of_a_path(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "a: {/x: {proto: https}, /y: {}}",
           "host=a path_start=/x > a/x:80 https\nhost=a path_start=/y > a/y:80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(N18_multiports_come_before_virtual_host),
        cmocka_unit_test(N55_empty_value_is_all_defaults),
        cmocka_unit_test(N56_port_of_a_path),
        cmocka_unit_test(N57_ports_and_dests_of_several_paths),
        cmocka_unit_test(N58_keys_that_are_no_paths),
        cmocka_unit_test(N59_mistakes_leave_the_container_out),
        cmocka_unit_test(test_what_is_below_a_host_and_cannot_be_read_is_held),
        cmocka_unit_test(N60_multiports_and_virtual_host_are_one_pool),
        cmocka_unit_test(N61_protocol_of_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
