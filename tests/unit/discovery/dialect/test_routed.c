/* From the words of containers to the service that a request goes to: rows of the tables of dialects
 * whose outcome is one of a request. Each test is called as its row is. */
#include "discovery/dialect/dialect.h"

#include "lb/base/memory.h"
#include "tests/unit/route/table_case.h"

#include "tests/unit/discovery/cmocka_all.h"

#define CONTAINERS_MAX 6

/* Words of containers, the oldest first: "NAME=value" lines; labels and variables alike. */
struct world {
    const char *words[CONTAINERS_MAX];
    const char *default_host;
};

struct row {
    const char *line;     /* "POST a.test/path?query" */
    const char *expected; /* a service; "404" or "503", lb's own answer; "-": no route */
    const char *fields, *client, *strip;
};

static void split(const char *words, json_t **labels, json_t **environment)
{
    struct view rest = view_str(words);
    *labels = json_object();
    *environment = json_array();
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n'), value = line, name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_array_append_new(*environment, json_stringn(line.ptr, line.len));
        json_object_set_new(*labels, key, json_stringn(value.ptr, value.len));
        free(key);
    }
}

static void read_container(const struct world *world, size_t number, struct offers *out)
{
    json_t *labels, *environment, *exposed = json_loads("{\"80/tcp\":{}}", 0, NULL);
    struct dialect_settings settings = {.nginx_proxy.default_host = world->default_host};
    char name[8];
    snprintf(name, sizeof(name), "c%zu", number);
    split(world->words[number], &labels, &environment);
    dialect_read(&(struct dialect_container){.from = {.labels = labels, .environment = environment},
                                             .exposed = exposed,
                                             .image = "image",
                                             .name = name,
                                             .settings = &settings},
                 out);
    json_decref(labels);
    json_decref(environment);
    json_decref(exposed);
}

static void check_row(const struct route_table *table, const struct row *row)
{
    struct asked asked;
    struct address client;
    char got[64] = "-";
    ask(&asked, row->line, row->fields);
    if (row->client)
        assert_true(address_parse_ip(view_str(row->client), 0, &client));
    asked.question.client = row->client ? &client : NULL;
    uint32_t number = route_table_find(table, &asked.question);
    const struct route *route = number == ROUTE_TABLE_NONE ? NULL : &table->rules[number]->route;
    if (route && route->answer_status > 0)
        snprintf(got, sizeof(got), "%u", route->answer_status);
    else if (route)
        snprintf(got, sizeof(got), "%.*s", (int)route->service.len, route->service.ptr);
    if (strcmp(got, row->expected) != 0)
        fail_msg("%s goes to %s, not to %s", row->line, got, row->expected);
    if (route && row->strip)
        assert_true(view_eq(route->strip, view_str(row->strip)));
}

static void check(const struct world *world, const struct row *rows, size_t row_count)
{
    struct offers offers[CONTAINERS_MAX];
    struct route routes[64];
    uint32_t count = 0;
    size_t containers = 0;
    for (; containers < CONTAINERS_MAX && world->words[containers]; containers++) {
        read_container(world, containers, &offers[containers]);
        for (size_t i = 0; i < offers[containers].route_count; i++) {
            routes[count] = offers[containers].routes[i];
            routes[count++].created_ns = containers + 1;
        }
    }
    struct route_table *table = route_table_new(routes, count, NULL);
    for (size_t i = 0; i < row_count; i++)
        check_row(table, &rows[i]);
    route_table_unref(table);
    for (size_t i = 0; i < containers; i++)
        offers_fini(&offers[i]);
}

#define CHECK(world, ...)                                                                          \
    do {                                                                                           \
        static const struct row rows[] = {__VA_ARGS__};                                            \
        (void)state;                                                                               \
        check(world, rows, COUNT(rows));                                                           \
    } while (0)

/* A row, and what else is known of it. */
#define GO(from, to, ...)                                                                          \
    {                                                                                              \
        .line = from, .expected = to, __VA_ARGS__                                                  \
    }

#define WORLD(...) (&(struct world){.words = {__VA_ARGS__}})

/* ---- nginx-proxy ---------------------------------------------------------------------------- */

#define VHOST "VIRTUAL_HOST="

static void N1_N12_unknown_host_has_no_route(void **state)
{
    CHECK(WORLD("X=1", VHOST "a.test"), GO("b.test/", "-"), GO("image/", "-"), GO("/", "-"),
          GO("a.test/", "a.test"));
}

static void N3_list_of_hosts(void **state)
{
    CHECK(WORLD(VHOST ",a.test, b.test ,"), GO("a.test/", "a.test"), GO("b.test/", "b.test"));
}

static void N4_leading_wildcard(void **state)
{
    CHECK(WORLD(VHOST "*.x.test"), GO("f00.x.test/", "*.x.test"), GO("d.c.x.test/", "*.x.test"),
          GO("x.test/", "-"));
}

static void N5_trailing_wildcard(void **state)
{
    CHECK(WORLD(VHOST "test.x.*"), GO("test.x.f00/", "test.x.*"), GO("test.x.co.uk/", "test.x.*"));
}

static void N6_N7_regex(void **state)
{
    CHECK(WORLD(VHOST "~^web3\\..*\\.x\\.regexp", VHOST "~^web4\\..*\\.x\\.regexp$"),
          GO("web3.123.x.regexp/", "~^web3\\..*\\.x\\.regexp"),
          GO("web3.whatever.x.regexp-to-infinity/", "~^web3\\..*\\.x\\.regexp"),
          GO("web4.w.x.regexp-and-beyond/", "-"),
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
    CHECK(WORLD(VHOST "~^web\\d+\\.", VHOST "~^web1\\."), GO("web1.y/", "~^web1\\."));
}

static void N10_case_port_and_trailing_dot(void **state)
{
    CHECK(WORLD(VHOST "a.x.test"), GO("A.X.TEST/", "a.x.test"), GO("a.x.test:1234/", "a.x.test"),
          GO("a.x.test./", "a.x.test"));
}

static void N13_N14_default_host(void **state)
{
    struct world world = {.words = {VHOST "web0.test", VHOST "web1.test"},
                          .default_host = "web1.test"};
    CHECK(&world, GO("unknown.test/", "web1.test"), GO("/", "web1.test"),
          GO("web0.test/", "web0.test"));
    world.default_host = "web2.test";
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
          GO("a/r3/x", "-"));
}

static void N47_location_match_is_on_the_normalised_path(void **state)
{
    CHECK(WORLD(VHOST "a\nVIRTUAL_PATH=/strip/", VHOST "a\nVIRTUAL_PATH=/app"),
          GO("a/strip/../q", "-"), GO("a/app/%2e%2e/y", "-"), GO("a/x/../app", "a/app"),
          GO("a/%61pp", "a/app"));
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

/* ---- Traefik -------------------------------------------------------------------------------- */

#define RULE       "traefik.http.routers.r.rule="
#define ROUTER     "traefik.http.routers."
#define MIDDLEWARE "\ntraefik.http.routers.r.middlewares=m\ntraefik.http.middlewares.m."

static void T1_T2_T3_hosts(void **state)
{
    CHECK(WORLD(RULE "Host(`Example.com.`)", "traefik.http.routers.s.rule=Host(`*.example.com`)"),
          GO("EXAMPLE.com:80/", "c0@docker"), GO("example.com./", "c0@docker"),
          GO("foo.example.com/", "c1@docker"), GO("a.b.example.com/", "-"), GO("x/", "-"));
    CHECK(WORLD(RULE "Host(`*`)"), GO("x/", "c0@docker"), GO("/", "c0@docker"));
}

static void T6_host_regexp(void **state)
{
    CHECK(WORLD(RULE "HostRegexp(`^.+\\.example\\.com$`)"), GO("A.Example.com/", "c0@docker"),
          GO("example.com/", "-"), GO("a.example.com.x/", "-"));
}

static void T7_T8_T9_paths(void **state)
{
    CHECK(WORLD(RULE "Path(`/products`)", ROUTER "s.rule=PathPrefix(`/pre`)",
                ROUTER "t.rule=PathRegexp(`\\.(jpe?g|png)$`)"),
          GO("a/products", "c0@docker"), GO("a/products/", "-"), GO("a/products/x", "-"),
          GO("a/pre-fix", "c1@docker"), GO("a/pre", "c1@docker"), GO("a/x.jpeg", "c2@docker"),
          GO("a/x.gif", "-"));
}

static void T10_reserved_escapes_stay(void **state)
{
    CHECK(WORLD(RULE "PathPrefix(`/foo bar`)", ROUTER "s.rule=Path(`/a/b`)"),
          GO("x/foo%20bar", "c0@docker"), GO("x/a%2Fb", "-"), GO("x/%61/b", "c1@docker"));
}

static void T11_T14_T15_methods_and_parameters(void **state)
{
    CHECK(WORLD(RULE "Method(`post`)", ROUTER "s.rule=Query(`m`, `true`)",
                ROUTER "t.rule=Query(`n`)", ROUTER "u.rule=QueryRegexp(`o`, `.*`)"),
          GO("POST a/", "c0@docker"), GO("a/", "-"), GO("a/?m=true", "c1@docker"),
          GO("a/?m=false", "-"), GO("a/?x&m=false&m=true", "c1@docker"), GO("a/?n", "c2@docker"),
          GO("a/?n=", "c2@docker"), GO("a/?n=1", "-"), GO("a/?o", "c3@docker"));
}

static void T12_T13_headers(void **state)
{
    CHECK(WORLD(RULE "Header(`X-K`, `v`)", ROUTER "s.rule=HeaderRegexp(`X-L`, `^v`)"),
          GO("a/", "c0@docker", .fields = "x-k: w\nx-k: v"), GO("a/", "-", .fields = "x-k: V"),
          GO("a/", "c1@docker", .fields = "X-L: vw"), GO("a/", "-", .fields = "X-L: wv"));
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
}

static void T20_longer_rule_or_higher_priority_wins(void **state)
{
    CHECK(WORLD(RULE "Host(`a`)", ROUTER "s.rule=Host(`a`) && PathPrefix(`/api`)"),
          GO("a/api", "c1@docker"), GO("a/x", "c0@docker"));
    CHECK(WORLD(RULE "Host(`a`)\n" ROUTER "r.priority=100",
                ROUTER "s.rule=Host(`a`) && PathPrefix(`/api`)"),
          GO("a/api", "c0@docker"));
}

static void T21_long_regexp_wins(void **state)
{
    CHECK(WORLD(RULE "Host(`foobar.traefik.com`)",
                ROUTER "s.rule=HostRegexp(`[a-z]+\\.traefik\\.com`)"),
          GO("foobar.traefik.com/", "c1@docker"));
}

static void T22_T44_equal_priority_goes_by_age(void **state)
{
    CHECK(WORLD(ROUTER "z.rule=Host(`a`)", ROUTER "b.rule=Host(`a`)"), GO("a/", "c0@docker"));
}

static void T23_T24_no_route(void **state)
{
    CHECK(WORLD(RULE "Host('a')\n" ROUTER "s.rule=Host(`b`)"), GO("a/", "-"),
          GO("b/", "c0@docker"));
}

static void T72_strip_prefix(void **state)
{
    CHECK(WORLD(RULE "Host(`a`)" MIDDLEWARE "stripprefix.prefixes=/api,/v1"),
          GO("a/api/x", "c0@docker", .strip = "/api"), GO("a/apix", "c0@docker", .strip = "/api"),
          GO("a/v1", "c0@docker", .strip = "/v1"), GO("a/other", "c0@docker", .strip = ""));
}

static void T77_protected_path_does_not_fall_through(void **state)
{
    CHECK(WORLD(RULE "Host(`a`) && PathPrefix(`/admin`)" MIDDLEWARE "basicauth.users=x:y\n" ROUTER
                     "s.rule=Host(`a`)"),
          GO("a/", "c0@docker"), GO("a/admin", "503"), GO("a/admin/x", "503"));
}

static void T81_ip_allow_list(void **state)
{
    CHECK(WORLD(RULE "Host(`a`) && PathPrefix(`/x`)" MIDDLEWARE
                     "ipallowlist.sourcerange=10.0.0.0/8\n" ROUTER "s.rule=Host(`a`)"),
          GO("a/x", "c0@docker", .client = "10.1.1.1"), GO("a/x", "403", .client = "11.1.1.1"),
          GO("a/", "c0@docker", .client = "11.1.1.1"));
}

static void T87_missing_middleware(void **state)
{
    CHECK(WORLD(RULE "Host(`a`)\n" ROUTER "r.middlewares=nope@file\n" ROUTER "s.rule=Host(`b`)"),
          GO("a/", "404"), GO("b/", "c0@docker"));
}

/* ---- fabio, and together -------------------------------------------------------------------- */

#define TAGS "SERVICE_80_TAGS="

static void F1_F2_prefixes(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-www.X.com/,urlprefix-/foo"), GO("www.x.com/y", "www.x.com"),
          GO("z/foot", "/foo"), GO("z/fo", "-"));
}

static void F3_F4_routes_with_a_host_come_first(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-/foo/bar", TAGS "urlprefix-x.com/", TAGS "urlprefix-x.com/f"),
          GO("x.com/foo/bar", "x.com/f"), GO("x.com/x", "x.com"), GO("y.com/foo/bar", "/foo/bar"));
}

static void F5_no_match(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-x.com/foo"), GO("x.com/", "-"), GO("y.com/foo", "-"));
}

static void F14_allow_and_deny(void **state)
{
    CHECK(WORLD(TAGS "urlprefix-x.com/ allow=ip:10.0.0.0/8",
                TAGS "urlprefix-y.com/ deny=ip:10.0.0.0/8"),
          GO("x.com/", "x.com", .client = "10.1.1.1"), GO("x.com/", "403", .client = "11.1.1.1"),
          GO("y.com/", "403", .client = "10.1.1.1"), GO("y.com/", "y.com", .client = "11.1.1.1"));
}

static void test_same_host_in_two_dialects_is_one_pool(void **state)
{
    CHECK(WORLD(VHOST "a.test", TAGS "urlprefix-a.test/"), GO("a.test/x", "a.test"));
}

static void test_more_specific_wins_across_dialects(void **state)
{
    CHECK(WORLD(VHOST "*.test", RULE "Host(`a.test`) && PathPrefix(`/t`)",
                "lb.host=a.test\nlb.path=/t/u\nlb.service=own"),
          GO("a.test/t", "c1@docker"), GO("a.test/t/u/v", "own"), GO("b.test/t", "*.test"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(N1_N12_unknown_host_has_no_route),
        cmocka_unit_test(N3_list_of_hosts),
        cmocka_unit_test(N4_leading_wildcard),
        cmocka_unit_test(N5_trailing_wildcard),
        cmocka_unit_test(N6_N7_regex),
        cmocka_unit_test(N8_order_of_hosts),
        cmocka_unit_test(N9_of_two_regexes_the_one_that_sorts_first),
        cmocka_unit_test(N10_case_port_and_trailing_dot),
        cmocka_unit_test(N13_N14_default_host),
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
        cmocka_unit_test(T1_T2_T3_hosts),
        cmocka_unit_test(T6_host_regexp),
        cmocka_unit_test(T7_T8_T9_paths),
        cmocka_unit_test(T10_reserved_escapes_stay),
        cmocka_unit_test(T11_T14_T15_methods_and_parameters),
        cmocka_unit_test(T12_T13_headers),
        cmocka_unit_test(T16_client_ip),
        cmocka_unit_test(T17_and_or_not),
        cmocka_unit_test(T20_longer_rule_or_higher_priority_wins),
        cmocka_unit_test(T21_long_regexp_wins),
        cmocka_unit_test(T22_T44_equal_priority_goes_by_age),
        cmocka_unit_test(T23_T24_no_route),
        cmocka_unit_test(T72_strip_prefix),
        cmocka_unit_test(T77_protected_path_does_not_fall_through),
        cmocka_unit_test(T81_ip_allow_list),
        cmocka_unit_test(T87_missing_middleware),
        cmocka_unit_test(F1_F2_prefixes),
        cmocka_unit_test(F3_F4_routes_with_a_host_come_first),
        cmocka_unit_test(F5_no_match),
        cmocka_unit_test(F14_allow_and_deny),
        cmocka_unit_test(test_same_host_in_two_dialects_is_one_pool),
        cmocka_unit_test(test_more_specific_wins_across_dialects),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
