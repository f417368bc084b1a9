/* Rows of the tables of dialects whose outcome is one of a request. Each test is called as its row is. */
#include "tests/unit/discovery/dialect/routed_case.h"

/* ---- Traefik -------------------------------------------------------------------------------- */

#define RULE       "traefik.http.routers.r.rule="
#define ROUTER     "traefik.http.routers."
#define SERVER     "traefik.http.services."
#define MIDDLEWARE "\ntraefik.http.routers.r.middlewares=m\ntraefik.http.middlewares.m."

static void T1_host(void **state)
{
    CHECK(WORLD(RULE "Host(`Example.com.`)"), GO("EXAMPLE.com:80/", "c0@docker"),
          GO("example.com./", "c0@docker"), GO("a.example.com/", "-"), GO("example.co/", "-"));
}

static void T2_star_is_one_label(void **state)
{
    CHECK(WORLD(RULE "Host(`*.example.com`)"), GO("foo.example.com/", "c0@docker"),
          GO("a.b.example.com/", "-"), GO("example.com/", "-"), GO(".example.com/", "-"));
}

static void T3_every_host(void **state)
{
    CHECK(WORLD(RULE "Host(`*`)"), GO("x/", "c0@docker"), GO("/", "c0@docker"));
}

static void T4_several_hosts(void **state)
{
    CHECK(WORLD(RULE "Host(`a`, `b`)"), GO("a/", "-"), GO("b/", "-"));
}

static void T5_host_is_ascii(void **state)
{
    CHECK(WORLD(RULE "Host(`d\xC3\xB6main`)", ROUTER "s.rule=Host(`xn--dmain-jua`)"),
          GO("d\xC3\xB6main/", "-"), GO("xn--dmain-jua/", "c1@docker"));
}

static void T6_host_regexp(void **state)
{
    CHECK(WORLD(RULE "HostRegexp(`^.+\\.example\\.com$`)", ROUTER "s.rule=HostRegexp(`foo`)"),
          GO("A.Example.com/", "c0@docker"), GO("example.com/", "-"), GO("a.example.com.x/", "-"),
          GO("a.foobar/", "c1@docker"));
}

static void T7_path(void **state)
{
    CHECK(WORLD(RULE "Path(`/products`)"), GO("a/products", "c0@docker"), GO("a/products/", "-"),
          GO("a/products/x", "-"), GO("a/product", "-"));
    CHECK(WORLD(RULE "Path(`products`)"), GO("a/products", "-"));
}

static void T8_path_prefix(void **state)
{
    CHECK(WORLD(RULE "PathPrefix(`/products`)"), GO("a/products", "c0@docker"),
          GO("a/products/", "c0@docker"), GO("a/products/x", "c0@docker"),
          GO("a/products-for-sale", "c0@docker"), GO("a/x/products", "-"));
}

static void T9_path_regexp(void **state)
{
    CHECK(WORLD(RULE "PathRegexp(`\\.(jpe?g|png)$`)"), GO("a/x.jpeg", "c0@docker"),
          GO("a/y/x.png?q", "c0@docker"), GO("a/x.gif", "-"), GO("a/x.png/", "-"));
}

static void T10_reserved_escapes_stay(void **state)
{
    CHECK(WORLD(RULE "PathPrefix(`/foo bar`)", ROUTER "s.rule=Path(`/a/b`)"),
          GO("x/foo%20bar", "c0@docker"), GO("x/a%2Fb", "-"), GO("x/%61/b", "c1@docker"));
}

static void T11_method(void **state)
{
    CHECK(WORLD(RULE "Method(`post`)"), GO("POST a/", "c0@docker"), GO("a/", "-"),
          GO("post a/", "-"));
}

static void T12_header(void **state)
{
    CHECK(WORLD(RULE "Header(`X-K`, `v`)"), GO("a/", "c0@docker", .fields = "x-k: w\nx-k: v"),
          GO("a/", "-", .fields = "x-k: V"), GO("a/", "-", .fields = "x-k: vv"), GO("a/", "-"));
}

static void T13_header_regexp(void **state)
{
    CHECK(WORLD(RULE "HeaderRegexp(`X-L`, `^v`)"), GO("a/", "c0@docker", .fields = "X-L: vw"),
          GO("a/", "c0@docker", .fields = "X-L: w\nX-L: v"), GO("a/", "-", .fields = "X-L: wv"),
          GO("a/", "-", .fields = "X-M: v"));
}

static void T14_query(void **state)
{
    CHECK(WORLD(RULE "Query(`m`, `true`)", ROUTER "t.rule=Query(`n`)"),
          GO("a/?m=true", "c0@docker"), GO("a/?m=false", "-"), GO("a/?m", "-"),
          GO("a/?x&m=false&m=true", "c0@docker"), GO("a/?n", "c1@docker"), GO("a/?n=", "c1@docker"),
          GO("a/?n=1", "-"), GO("a/", "-"));
}

static void T15_query_regexp(void **state)
{
    CHECK(WORLD(RULE "QueryRegexp(`o`, `.*`)"), GO("a/?o", "c0@docker"), GO("a/?o=1", "c0@docker"),
          GO("a/?p=o", "-"), GO("a/", "-"));
}

static void T16_client_ip(void **state)
{
    CHECK(WORLD(RULE "ClientIP(`10.0.0.0/8`)", ROUTER "s.rule=ClientIP(`::1`)"),
          GO("a/", "c0@docker", .client = "10.1.1.1"), GO("a/", "c1@docker", .client = "::1"),
          GO("a/", "-", .client = "11.1.1.1", .fields = "X-Forwarded-For: 10.1.1.1"));
}

static void T17_and_or_not(void **state)
{
    CHECK(WORLD(RULE "Host(`a`) || Host(`b`) && Path(`/c`)",
                ROUTER "s.rule=Host(`d`) && !(Method(`GET`) || PathPrefix(`/x`))"),
          GO("a/", "c0@docker"), GO("b/", "-"), GO("b/c", "c0@docker"), GO("d/", "-"),
          GO("POST d/", "c1@docker"), GO("POST d/x", "-"));
    CHECK(WORLD(RULE "!(!(Host(`a`)))"), GO("a/", "c0@docker"), GO("b/", "-"));
}

static void T18_names_of_matchers(void **state)
{
    CHECK(WORLD(RULE "pathprefix(`/a`)", ROUTER "s.rule=PATHPREFIX(`/b`)",
                ROUTER "s.rule=Pathprefix(`/c`)", ROUTER "s.rule=pathPrefix(`/d`)"),
          GO("x/a", "c0@docker"), GO("x/b", "c1@docker"), GO("x/c", "c2@docker"), GO("x/d", "-"));
}

static void T19_values(void **state)
{
    CHECK(WORLD(RULE "Host(\"a\")", ROUTER "s.rule=Host(b)", ROUTER "s.rule=Host('c')"),
          GO("a/", "c0@docker"), GO("b/", "-"), GO("c/", "-"));
}

static void T20_longer_rule_or_higher_priority_wins(void **state)
{
    CHECK(WORLD(RULE "Host(`a`)", ROUTER "s.rule=Host(`a`) && PathPrefix(`/api`)"),
          GO("a/api", "c1@docker"), GO("a/x", "c0@docker"));
    CHECK(WORLD(RULE "Host(`a`)\n" ROUTER "r.priority=100",
                ROUTER "s.rule=Host(`a`) && PathPrefix(`/api`)"),
          GO("a/api", "c0@docker"));
    CHECK(WORLD(RULE "Host(`a`)\n" ROUTER "r.priority=0",
                ROUTER "s.rule=Host(`a`) && PathPrefix(`/api`)\n" ROUTER "s.priority=-1"),
          GO("a/api", "c0@docker"));
}

static void T21_long_regexp_wins(void **state)
{
    CHECK(WORLD(RULE "Host(`foobar.traefik.com`)",
                ROUTER "s.rule=HostRegexp(`[a-z]+\\.traefik\\.com`)"),
          GO("foobar.traefik.com/", "c1@docker"));
}

/* Of one container by name, of two by age. */
static void T22_equal_priority(void **state)
{
    CHECK(WORLD(ROUTER "z.rule=Host(`a`)", ROUTER "b.rule=Host(`a`)"), GO("a/", "c0@docker"));
    CHECK(WORLD(ROUTER "b.rule=Host(`a`)", ROUTER "z.rule=Host(`a`)"), GO("a/", "c0@docker"));
    CHECK(WORLD(ROUTER "z.rule=Host(`a`)\n" ROUTER "z.service=y\n" ROUTER
                       "b.rule=Host(`a`)\n" ROUTER "b.service=x\n" SERVER
                       "x.loadbalancer.server.port=1\n" SERVER "y.loadbalancer.server.port=2"),
          GO("a/", "x@docker"));
}

static void T23_no_router(void **state)
{
    CHECK(WORLD(RULE "Host(`a`) && Path(`/x`)"), GO("a/", "-"), GO("b/x", "-"),
          GO("a/x", "c0@docker"));
}

static void T24_invalid_router(void **state)
{
    CHECK(WORLD(RULE "Host('a')\n" ROUTER "s.rule=Host(`b`)"), GO("a/", "-"),
          GO("b/", "c0@docker"));
    CHECK(WORLD(RULE "Host(`a`) || PathRegexp(`(`)\n" ROUTER "s.rule=Host(`b`)"), GO("a/", "-"),
          GO("b/", "c0@docker"));
}

static void T44_same_rule_of_two_services(void **state)
{
    CHECK(WORLD(ROUTER "r.rule=Host(`a`)", ROUTER "s.rule=Host(`a`)"), GO("a/", "c0@docker"));
}

static void T72_strip_prefix(void **state)
{
    CHECK(WORLD(RULE "Host(`a`)" MIDDLEWARE "stripprefix.prefixes=/api,/v1"),
          GO("a/api/x", "c0@docker", .strip = "/api"), GO("a/apix", "c0@docker", .strip = "/api"),
          GO("a/v1", "c0@docker", .strip = "/v1"), GO("a/other", "c0@docker", .strip = ""));
}

static void T77_protected_path_does_not_fall_through(void **state)
{
    CHECK(WORLD(RULE "Host(`a`) && PathPrefix(`/admin`)" MIDDLEWARE "digestauth.users=x:y\n" ROUTER
                     "s.rule=Host(`a`)"),
          GO("a/", "c0@docker"), GO("a/admin", "503"), GO("a/admin/x", "503"));
}

static void T87_missing_middleware(void **state)
{
    CHECK(WORLD(RULE "Host(`a`)\n" ROUTER "r.middlewares=nope@file\n" ROUTER "s.rule=Host(`b`)"),
          GO("a/", "404"), GO("b/", "c0@docker"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T1_host),
        cmocka_unit_test(T2_star_is_one_label),
        cmocka_unit_test(T3_every_host),
        cmocka_unit_test(T4_several_hosts),
        cmocka_unit_test(T5_host_is_ascii),
        cmocka_unit_test(T6_host_regexp),
        cmocka_unit_test(T7_path),
        cmocka_unit_test(T8_path_prefix),
        cmocka_unit_test(T9_path_regexp),
        cmocka_unit_test(T10_reserved_escapes_stay),
        cmocka_unit_test(T11_method),
        cmocka_unit_test(T12_header),
        cmocka_unit_test(T13_header_regexp),
        cmocka_unit_test(T14_query),
        cmocka_unit_test(T15_query_regexp),
        cmocka_unit_test(T16_client_ip),
        cmocka_unit_test(T17_and_or_not),
        cmocka_unit_test(T18_names_of_matchers),
        cmocka_unit_test(T19_values),
        cmocka_unit_test(T20_longer_rule_or_higher_priority_wins),
        cmocka_unit_test(T21_long_regexp_wins),
        cmocka_unit_test(T22_equal_priority),
        cmocka_unit_test(T23_no_router),
        cmocka_unit_test(T24_invalid_router),
        cmocka_unit_test(T44_same_rule_of_two_services),
        cmocka_unit_test(T72_strip_prefix),
        cmocka_unit_test(T77_protected_path_does_not_fall_through),
        cmocka_unit_test(T87_missing_middleware),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
