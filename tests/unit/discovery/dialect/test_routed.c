/* Rows of the tables of dialects whose outcome is one of a request. Each test is called as its row is. */
#include "tests/unit/discovery/dialect/routed_case.h"

/* ---- nginx-proxy ---------------------------------------------------------------------------- */

#define VHOST "VIRTUAL_HOST="

static void N1_without_virtual_host(void **state)
{
    CHECK(WORLD("X=1\nVIRTUAL_PORT=80"), GO("c0/", "-"), GO("image/", "-"), GO("/", "-"));
}

static void N2_empty_virtual_host(void **state)
{
    CHECK(WORLD(VHOST, VHOST " ,", VHOST "a.test"), GO("/", "-"), GO("image/", "-"),
          GO("a.test/", "a.test"));
}

static void N12_unknown_host(void **state)
{
    CHECK(WORLD("X=1", VHOST "a.test"), GO("b.test/", "-"), GO("x.a.test/", "-"), GO("test/", "-"),
          GO("/", "-"), GO("a.test/", "a.test"));
}

static void N3_list_of_hosts(void **state)
{
    CHECK(WORLD(VHOST ",a.test, b.test ,"), GO("a.test/", "a.test"), GO("b.test/", "b.test"));
}

static void N4_leading_wildcard(void **state)
{
    CHECK(WORLD(VHOST "*.x.test"), GO("f00.x.test/", "*.x.test"), GO("d.c.x.test/", "*.x.test"),
          GO("x.test/", "-"), GO("ax.test/", "-"));
}

static void N5_trailing_wildcard(void **state)
{
    CHECK(WORLD(VHOST "test.x.*"), GO("test.x.f00/", "test.x.*"), GO("test.x.co.uk/", "test.x.*"),
          GO("test.x/", "-"), GO("a.test.x.f00/", "-"), GO("test.xf00/", "-"));
}

static void N6_regex(void **state)
{
    CHECK(WORLD(VHOST "~^web3\\..*\\.x\\.regexp"),
          GO("web3.123.x.regexp/", "~^web3\\..*\\.x\\.regexp"),
          GO("web3.whatever.x.regexp-to-infinity/", "~^web3\\..*\\.x\\.regexp"),
          GO("a.web3.123.x.regexp/", "-"));
}

static void N7_regex_with_an_end(void **state)
{
    CHECK(WORLD(VHOST "~^web4\\..*\\.x\\.regexp$"), GO("web4.w.x.regexp-and-beyond/", "-"),
          GO("WEB4.w.x.regexp/", "~^web4\\..*\\.x\\.regexp$"));
}

static void N8_order_of_hosts(void **state)
{
    CHECK(WORLD(VHOST "~^web\\d+\\.,www.x.*,*.b.x.test,*.x.test,a.x.test"),
          GO("a.x.test/", "a.x.test"), GO("q.b.x.test/", "*.b.x.test"), GO("b.x.test/", "*.x.test"),
          GO("www.x.org/", "www.x.*"), GO("web1.x.test/", "*.x.test"),
          GO("www.x.test/", "*.x.test"), GO("web1.y/", "~^web\\d+\\."));
}

static void N9_of_two_regexes_the_one_that_sorts_first(void **state)
{
    CHECK(WORLD(VHOST "~^web\\d+\\.", VHOST "~^web1\\."), GO("web1.y/", "~^web1\\."),
          GO("web2.y/", "~^web\\d+\\."));
    CHECK(WORLD(VHOST "~^web1\\.", VHOST "~^web\\d+\\."), GO("web1.y/", "~^web1\\."));
}

static void N10_case_port_and_trailing_dot(void **state)
{
    CHECK(WORLD(VHOST "a.x.test"), GO("A.X.TEST/", "a.x.test"), GO("a.x.test:1234/", "a.x.test"),
          GO("a.x.test./", "a.x.test"));
}

static void N13_default_host(void **state)
{
    struct world world = {.words = {VHOST "web0.test", VHOST "web1.test,*.web2.test"},
                          .default_host = "web1.test"};
    CHECK(&world, GO("unknown.test/", "web1.test"), GO("/", "web1.test"),
          GO("web0.test/", "web0.test"));
    world.default_host = "*.web2.test";
    CHECK(&world, GO("unknown.test/", "*.web2.test"), GO("web1.test/", "web1.test"));
}

/* Equal byte by byte to what is written. */
static void N14_default_host_that_nobody_has(void **state)
{
    struct world world = {.words = {VHOST "web0.test,*.web2.test"}, .default_host = "x.web2.test"};
    CHECK(&world, GO("unknown.test/", "-"), GO("x.web2.test/", "*.web2.test"));
    world.default_host = "WEB0.test";
    CHECK(&world, GO("unknown.test/", "-"));
}

static void N16_addresses(void **state)
{
    CHECK(WORLD(VHOST "172.20.0.1,[fd00::1]"), GO("172.20.0.1/", "172.20.0.1"),
          GO("[fd00::1]/", "[fd00::1]"), GO("[FD00:0::1]:80/", "[fd00::1]"));
}

static void N36_containers_that_disagree_go_by_the_oldest(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/x/\nVIRTUAL_DEST=/", VHOST "a\nVIRTUAL_PATH=/x/"),
          GO("a/x/y", "a/x/", .strip = "/x"));
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/x/", VHOST "a\nVIRTUAL_PATH=/x/\nVIRTUAL_DEST=/"),
          GO("a/x/y", "a/x/", .strip = ""));
}

static void N40_prefixes_of_bytes(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/app"), GO("a/app", "a/app"), GO("a/app/x", "a/app"),
          GO("a/apple", "a/app"), GO("a/app?x=1", "a/app"));
}

static void N41_longer_location_wins(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/app/\nVIRTUAL_DEST=/", VHOST "a\nVIRTUAL_PATH=/app"),
          GO("a/app/x", "a/app/", .strip = "/app"), GO("a/app", "a/app", .strip = ""));
}

static void N45_regex_location(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=~^/(r1|r2)/"), GO("a/r1/x", "a~^/(r1|r2)/"),
          GO("a/r2/", "a~^/(r1|r2)/"), GO("a/r3/x", "-"), GO("a/x/r1/", "-"));
}

static void N47_location_match_is_on_the_normalised_path(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/strip/", VHOST "a\nVIRTUAL_PATH=/app"),
          GO("a/strip/../q", "-"), GO("a/app/%2e%2e/y", "-"), GO("a/x/../app", "a/app"),
          GO("a/%61pp", "a/app"), GO("a/strip/./q", "a/strip/"), GO("a/x/%2e%2e/app", "a/app"),
          GO("a/strip%2Fq", "-"));
}

static void N48_elsewhere_on_a_host_with_paths_only(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/web1"), GO("a/foo", "-"), GO("a/", "-"));
}

static void N50_paths_have_case(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/app"), GO("a/APP", "-"));
}

static void N57_multiports(void **state)
{
    CHECK(WORLD("VIRTUAL_HOST_MULTIPORTS=v.test: {\"/\": {}, \"/rootdest\": {port: 10001, dest: "
                "\"/\"}, \"/customdest\": {port: 10002, dest: \"/port\"}}"),
          GO("v.test/", "v.test"), GO("v.test/rootdest/port", "v.test/rootdest"),
          GO("v.test/customdest", "v.test/customdest"));
}

static void N60_multiports_and_virtual_host_are_one_pool(void **state)
{
    CHECK(WORLD("VIRTUAL_HOST_MULTIPORTS={\"m.test\":{\"/x\":{\"port\":9}}}",
                VHOST "M.test\nVIRTUAL_PATH=/x\nVIRTUAL_DEST=/y"),
          GO("m.test/x", "m.test/x", .strip = ""));
}

static void N101_internal(void **state)
{
    CHECK(WORLD(VHOST "a\nNETWORK_ACCESS=internal", VHOST "a\nVIRTUAL_PATH=/open"),
          GO("a/", "a", .client = "10.1.2.3"), GO("a/", "a", .client = "127.0.0.1"),
          GO("a/", "a", .client = "172.31.0.1"), GO("a/", "a", .client = "192.168.1.1"),
          GO("a/", "403", .client = "172.32.0.1"), GO("a/", "403", .client = "203.0.113.1"),
          GO("a/", "403", .client = "fd00::1"), GO("a/open", "a/open", .client = "203.0.113.1"));
}

/* ---- fabio, and together -------------------------------------------------------------------- */

#define TAGS "SERVICE_80_TAGS="

static void F1_host_and_prefix(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-www.X.com/"), GO("www.x.com/y", "www.x.com"),
          GO("WWW.x.COM/", "www.x.com"), GO("x.com/y", "-"));
}

static void F2_prefix_for_all_hosts(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-/foo"), GO("z/foot", "/foo"), GO("y/foo", "/foo"), GO("z/fo", "-"));
}

static void F3_routes_with_a_host_come_first(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-/foo/bar", TAGS "urlprefix-x.com/", TAGS "urlprefix-x.com/f"),
          GO("x.com/foo/bar", "x.com/f"), GO("x.com/x", "x.com"), GO("y.com/foo/bar", "/foo/bar"));
}

static void F4_host_and_path_of_two_services(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-/foo", TAGS "urlprefix-x.com/"), GO("x.com/foo", "x.com"),
          GO("y.com/foo", "/foo"));
}

static void F5_no_match(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-x.com/foo"), GO("x.com/", "-"), GO("y.com/foo", "-"));
}

static void test_same_host_in_two_dialects_is_one_pool(void **state)
{
    CHECK(WORLD(VHOST "a.test", TAGS "urlprefix-a.test/"), GO("a.test/x", "a.test"));
}

static void test_more_specific_wins_across_dialects(void **state)
{
    CHECK(WORLD(VHOST "*.test", "traefik.http.routers.r.rule=Host(`a.test`) && PathPrefix(`/t`)",
                "lb.host=a.test\nlb.path=/t/u\nlb.service=own"),
          GO("a.test/t", "c1@docker"), GO("a.test/t/u/v", "own"), GO("b.test/t", "*.test"));
}

/* ---- as people write them, and what they expect -------------------------------------------- */

static void test_wildcard_and_the_host_itself_are_listed_both(void **state)
{
    CHECK(WORLD(VHOST "*.foo.localhost,foo.localhost", VHOST "~^api\\..*\\.local$"),
          GO("foo.localhost/", "foo.localhost"), GO("a.foo.localhost/", "*.foo.localhost"),
          GO("api.x.local/", "~^api\\..*\\.local$"), GO("api.local/", "-"),
          GO("api.x.local.org/", "-"));
}

static void test_two_prefixes_of_a_host_and_all_the_rest(void **state)
{
    CHECK(
        WORLD("traefik.http.routers.r.rule=Host(`a`) && (PathPrefix(`/api`) || PathPrefix(`/ws`))",
              "traefik.http.routers.s.rule=Host(`a`)"),
        GO("a/api/x", "c0@docker"), GO("a/ws", "c0@docker"), GO("a/", "c1@docker"),
        GO("b/api", "-"));
}

static void test_tags_among_others(void **state)
{
    CHECK(WORLD(TAGS "http,urlprefix-h.test/x strip=/x,v1.2"),
          GO("h.test/x/y", "h.test/x", .strip = "/x"), GO("h.test/", "-"));
}

static void test_order_of_hosts_and_paths_whatever_the_dialect(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-/foo/bar", VHOST "*.test\nVIRTUAL_PATH=/foo/bar/x", VHOST "~^a\\.",
                "lb.host=a.test\nlb.service=exact",
                "lb.host=a.test\nlb.path=/foo\nlb.service=path"),
          GO("a.test/foo/bar/x", "path"), GO("a.test/fo", "exact"), GO("a.test/food", "exact"),
          GO("b.test/foo/bar/x", "*.test/foo/bar/x"), GO("b.test/foo/bar", "/foo/bar"),
          GO("a.org/foo/bar/x", "~^a\\."), GO("c.org/foo/bar/x", "/foo/bar"));
}

static void test_priority_beats_all_and_a_tie_goes_to_the_oldest(void **state)
{
    CHECK(WORLD("lb.host=a.test\nlb.path=/x\nlb.service=special",
                "lb.host=*.test\nlb.priority=1\nlb.service=first", "lb.host=b.org\nlb.service=old",
                "lb.host=b.org\nlb.service=young", TAGS "urlprefix-b.org/"),
          GO("a.test/x", "first"), GO("b.org/", "old"), GO("b.org/x", "old"));
}

static void test_paths_of_one_host_are_of_several_containers(void **state)
{
    CHECK(WORLD(VHOST "a.test", VHOST "A.test\nVIRTUAL_PATH=/api/\nVIRTUAL_DEST=/",
                VHOST "a.test\nVIRTUAL_PATH=/api/v2/"),
          GO("a.test/x", "a.test"), GO("a.test/api/x", "a.test/api/", .strip = "/api"),
          GO("a.test/api/v2/x", "a.test/api/v2/", .strip = ""), GO("a.test/api", "a.test"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(N1_without_virtual_host),
        cmocka_unit_test(N2_empty_virtual_host),
        cmocka_unit_test(N12_unknown_host),
        cmocka_unit_test(N3_list_of_hosts),
        cmocka_unit_test(N4_leading_wildcard),
        cmocka_unit_test(N5_trailing_wildcard),
        cmocka_unit_test(N6_regex),
        cmocka_unit_test(N7_regex_with_an_end),
        cmocka_unit_test(N8_order_of_hosts),
        cmocka_unit_test(N9_of_two_regexes_the_one_that_sorts_first),
        cmocka_unit_test(N10_case_port_and_trailing_dot),
        cmocka_unit_test(N13_default_host),
        cmocka_unit_test(N14_default_host_that_nobody_has),
        cmocka_unit_test(N16_addresses),
        cmocka_unit_test(N36_containers_that_disagree_go_by_the_oldest),
        cmocka_unit_test(N40_prefixes_of_bytes),
        cmocka_unit_test(N41_longer_location_wins),
        cmocka_unit_test(N45_regex_location),
        cmocka_unit_test(N47_location_match_is_on_the_normalised_path),
        cmocka_unit_test(N48_elsewhere_on_a_host_with_paths_only),
        cmocka_unit_test(N50_paths_have_case),
        cmocka_unit_test(N57_multiports),
        cmocka_unit_test(N60_multiports_and_virtual_host_are_one_pool),
        cmocka_unit_test(N101_internal),
        cmocka_unit_test(F1_host_and_prefix),
        cmocka_unit_test(F2_prefix_for_all_hosts),
        cmocka_unit_test(F3_routes_with_a_host_come_first),
        cmocka_unit_test(F4_host_and_path_of_two_services),
        cmocka_unit_test(F5_no_match),
        cmocka_unit_test(test_same_host_in_two_dialects_is_one_pool),
        cmocka_unit_test(test_more_specific_wins_across_dialects),
        cmocka_unit_test(test_wildcard_and_the_host_itself_are_listed_both),
        cmocka_unit_test(test_two_prefixes_of_a_host_and_all_the_rest),
        cmocka_unit_test(test_tags_among_others),
        cmocka_unit_test(test_order_of_hosts_and_paths_whatever_the_dialect),
        cmocka_unit_test(test_priority_beats_all_and_a_tie_goes_to_the_oldest),
        cmocka_unit_test(test_paths_of_one_host_are_of_several_containers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
