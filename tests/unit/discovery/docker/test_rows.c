/* Rows of the tables of dialects whose outcome is an address, a state, or a route that outlives its
 * servers. Each test is called as its row is. */
#include "discovery/docker/survey.h"

#include "tests/unit/discovery/docker/world.h"

static struct roster roster;
static struct vantage vantage;
static struct set set;

static int open_all(void **state)
{
    (void)state;
    roster = (struct roster){0};
    set = (struct set){0};
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    roster_fini(&roster);
    vantage_fini(&vantage);
    set_fini(&set);
    return 0;
}

static struct member *take(struct container *container)
{
    struct listing entry = {.id = container->id,
                            .name = container->name,
                            .state = "running",
                            .image = "x",
                            .is_alive = true,
                            .fingerprint = 1};
    struct member *member;
    roster_take_listing(&roster, &entry, 0, false, &member);
    roster_take_container(&roster, member, container, 0);
    return member;
}

static struct member *add(const struct want *want, char digit)
{
    return take(make(want, digit));
}

static void look(void)
{
    survey_take(&roster, &vantage, 1, &set);
}

/* Where all of it is: "service address:port" of each, with "; " between them; "-": nowhere. */
static void check_places(const char *expected)
{
    struct text got = TEXT_INIT;
    look();
    for (size_t i = 0; i < set.endpoint_count; i++)
        text_appendf(&got, "%s%s %s:%u", i > 0 ? "; " : "", set.endpoints[i].service,
                     set.endpoints[i].address, set.endpoints[i].port);
    if (set.endpoint_count == 0)
        text_append_str(&got, "-");
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
}

static void check_one(enum stand where, struct want want, const char *expected)
{
    struct member *member = add(&want, '1');
    stand(&vantage, where);
    check_places(expected);
    roster_remove(&roster, member);
    vantage_fini(&vantage);
}

static void check_route(const char *host, const char *service)
{
    assert_int_equal(set.route_count, 1);
    assert_true(view_eq(set.routes[0].host.text, view_str(host)));
    assert_true(view_eq(set.routes[0].service, view_str(service)));
    assert_int_equal(set.routes[0].answer_status, 0);
}

#define VHOST "{\"VIRTUAL_HOST\":\"a.test\",\"lb.service\":\"a.test\"}"

/* ---- nginx-proxy ---------------------------------------------------------------------------- */

static void N29_two_shared_networks_are_one_server(void **state)
{
    (void)state;
    add(&(struct want){.labels = VHOST, .networks = "zoo=10.9.0.2 ingress=10.7.0.2 web=10.2.0.2"},
        '1');
    stand(&vantage, INSIDE);
    vantage.network_count = 2;
    strcpy(vantage.networks[1].id.text, "zoo");
    vantage_take_networks(&vantage, NULL);
    check_places("a.test 10.2.0.2:80"); /* the first by name */
    check_places("a.test 10.2.0.2:80"); /* and so it stays */
}

static void N30_no_shared_network(void **state)
{
    (void)state;
    add(&(struct want){.labels = VHOST, .networks = "other=10.9.0.2"}, '1');
    stand(&vantage, INSIDE);
    check_places("-");
    check_route("a.test", "a.test");
    assert_int_equal(set.left_out_count, 1);
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_NO_SHARED_NETWORK);
    add(&(struct want){.labels = "{\"lb.service\":\"b\"}", .networks = "web=10.2.0.3"}, '2');
    check_places("b 10.2.0.3:80");
}

static void N31_host_network_and_lb_on_a_bridge(void **state)
{
    (void)state;
    check_one(INSIDE, (struct want){.labels = VHOST, .mode = "host", .networks = "host="},
              "a.test 172.18.0.1:80");
    check_one(INSIDE,
              (struct want){.labels = "{\"VIRTUAL_HOST\":\"a.test\",\"VIRTUAL_PORT\":\"90\","
                                      "\"lb.service\":\"a.test\",\"lb.port\":\"90\"}",
                            .mode = "host",
                            .networks = "host="},
              "a.test 172.18.0.1:90");
}

static void N32_both_on_the_host(void **state)
{
    (void)state;
    check_one(HOST, (struct want){.labels = VHOST, .mode = "host", .networks = "host="},
              "a.test 127.0.0.1:80");
}

static void check_stacks(const char *ip, const char *ipv6, const char *expected)
{
    struct engine_id id = fixture_id('1');
    char text[640];
    snprintf(
        text, sizeof(text),
        "{\"Id\":\"%s\",\"Name\":\"/c\",\"State\":{\"Running\":true},\"Config\":{\"Labels\":"
        "{\"lb.service\":\"a\"},\"ExposedPorts\":{\"80/"
        "tcp\":{}}},\"NetworkSettings\":{\"Networks\":"
        "{\"web\":{\"NetworkID\":\"web\",\"IPAddress\":\"%s\",\"GlobalIPv6Address\":\"%s\"}}}}",
        id.text, ip, ipv6);
    json_t *root = json_loads(text, 0, NULL);
    struct container *container = container_from_inspect(root, NULL);
    json_decref(root);
    struct member *member = take(container);
    stand(&vantage, INSIDE);
    check_places(expected);
    roster_remove(&roster, member);
    vantage_fini(&vantage);
}

static void N33_of_both_stacks_ipv4(void **state)
{
    (void)state;
    check_stacks("10.2.0.2", "fd00::2", "a 10.2.0.2:80");
    check_stacks("", "fd00::2", "a fd00::2:80");
}

/* ---- Traefik -------------------------------------------------------------------------------- */

#define ROUTER "{\"traefik.http.routers.r.rule\":\"Host(`a.test`)\",\"lb.service\":\"c@docker\"}"

/* Its router stays, and without a server it answers 503. */
static void T51_starting_and_unhealthy(void **state)
{
    struct member *member = add(&(struct want){.labels = ROUTER, .networks = "web=10.2.0.2"}, '1');
    (void)state;
    stand(&vantage, INSIDE);
    check_places("c@docker 10.2.0.2:80");
    static const enum container_health each[] = {CONTAINER_HEALTH_STARTING,
                                                 CONTAINER_HEALTH_UNHEALTHY};
    static const enum endpoint_state states[] = {ENDPOINT_STARTING, ENDPOINT_UNHEALTHY};
    for (size_t i = 0; i < COUNT(each); i++) {
        member->container->health = each[i];
        look();
        assert_int_equal(set.endpoint_count, 1);
        assert_int_equal(set.endpoints[0].state, states[i]);
        check_route("a.test", "c@docker");
    }
}

/* With and without traefik.docker.allownonrunning, which is what lb does anyway. */
static void T52_not_running(void **state)
{
    struct member *member = add(&(struct want){.labels = ROUTER, .networks = "web=10.2.0.2"}, '1');
    (void)state;
    stand(&vantage, INSIDE);
    member->container->running = false;
    check_places("-");
    check_route("a.test", "c@docker");
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_NOT_RUNNING);
    member->container->running = true;
    check_places("c@docker 10.2.0.2:80");
    member->container->paused = true;
    look();
    assert_int_equal(set.endpoints[0].state, ENDPOINT_PAUSED);
    check_route("a.test", "c@docker");
}

/* Never a network that lb is not on. */
static void T53_network(void **state)
{
#define NET(name)                                                                                  \
    "{\"traefik.docker.network\":\"" name "\",\"traefik.enable\":\"true\","                        \
    "\"lb.service\":\"c@docker\"}"
    (void)state;
    check_one(HOST, (struct want){.labels = NET("net2"), .networks = "net1=10.1.0.2 net2=10.2.0.2"},
              "c@docker 10.2.0.2:80");
    check_one(HOST, (struct want){.labels = NET("net3"), .networks = "net1=10.1.0.2 net2=10.2.0.2"},
              "-");
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_NO_SHARED_NETWORK);
}

/* As the compose file calls it. */
static void T53_short_name_of_a_network(void **state)
{
    (void)state;
    check_one(HOST,
              (struct want){.labels =
                                "{\"traefik.docker.network\":\"back\",\"lb.service\":\"c@docker\","
                                "\"traefik.enable\":\"true\",\"com.docker.compose.project\":"
                                "\"shop\"}",
                            .networks = "shop_aaa=10.1.0.2 shop_back=10.2.0.2"},
              "c@docker 10.2.0.2:80");
}

static void T54_host_network(void **state)
{
    (void)state;
    check_one(INSIDE,
              (struct want){.labels = "{\"traefik.http.services.s.loadbalancer.server.port\":"
                                      "\"8080\",\"lb.service\":\"s@docker\",\"lb.port\":\"8080\"}",
                            .mode = "host",
                            .networks = "host=",
                            .exposes_none = true},
              "s@docker 172.18.0.1:8080");
}

#define BINDING(ip) "{\"80/tcp\":[{\"HostIp\":\"" ip "\",\"HostPort\":\"8081\"}]}"

/* As with useBindPortIP, but only where lb cannot reach the container itself. */
static void T55_published_port(void **state)
{
    struct want want = {.labels = ROUTER, .ports = BINDING("1.2.3.4")};
    (void)state;
    want.networks = "other=10.9.0.2";
    check_one(INSIDE, want, "c@docker 1.2.3.4:8081");
    want.networks = "web=10.2.0.2";
    check_one(INSIDE, want, "c@docker 10.2.0.2:80");
    want.ports = BINDING("0.0.0.0");
    check_one(INSIDE, want, "c@docker 10.2.0.2:80");
}

/* ---- lb ------------------------------------------------------------------------------------- */

#define UNREADABLE "{\"lb.host\":\"a.test\",\"lb.path\":\"api\"}"

static void test_host_of_an_unreadable_path_yields_to_a_younger_container(void **state)
{
    (void)state;
    add(&(struct want){.labels = UNREADABLE, .networks = "web=10.2.0.1"}, '1')
        ->container->created_ns = 1;
    stand(&vantage, INSIDE);
    look();
    assert_int_equal(set.route_count, 1);
    assert_int_equal(set.routes[0].answer_status, 503);
    struct member *younger =
        add(&(struct want){.labels = "{\"lb.service\":\"s\",\"lb.host\":\"a.test\"}",
                           .networks = "web=10.2.0.2"},
            '2');
    younger->container->created_ns = 2;
    look();
    check_route("a.test", "s");
    younger->container->running = false;
    look();
    assert_int_equal(set.route_count, 1);
    assert_int_equal(set.routes[0].answer_status, 503);
}

/* ---- registrator and fabio ------------------------------------------------------------------ */

#define NAMED "{\"SERVICE_NAME\":\"s\"}"

static void R24_internal(void **state)
{
    (void)state;
    check_one(INSIDE, (struct want){.labels = NAMED, .networks = "web=10.2.0.2"}, "s 10.2.0.2:80");
}

static void R25_address_and_port_are_of_the_same_side(void **state)
{
    (void)state;
    check_one(
        INSIDE,
        (struct want){.labels = NAMED, .networks = "web=10.2.0.2", .ports = BINDING("0.0.0.0")},
        "s 10.2.0.2:80");
    check_one(
        INSIDE,
        (struct want){.labels = NAMED, .networks = "other=10.9.0.2", .ports = BINDING("0.0.0.0")},
        "s 172.18.0.1:8081");
}

static void R26_first_of_several_bindings(void **state)
{
    (void)state;
    check_one(INSIDE,
              (struct want){.labels = NAMED,
                            .networks = "other=10.9.0.2",
                            .ports = "{\"80/tcp\":[{\"HostIp\":\"1.2.3.4\",\"HostPort\":\"8081\"},"
                                     "{\"HostIp\":\"1.2.3.5\",\"HostPort\":\"8082\"}]}"},
              "s 1.2.3.4:8081");
}

static void R27_network_of_another_container(void **state)
{
    (void)state;
    add(&(struct want){.labels = "{\"lb.service\":\"x\",\"lb.port\":\"1\"}",
                       .networks = "web=10.2.0.5"},
        '2');
    char mode[80];
    snprintf(mode, sizeof(mode), "container:%s", fixture_id('2').text);
    add(&(struct want){.labels = NAMED, .mode = mode}, '1');
    stand(&vantage, INSIDE);
    check_places("s 10.2.0.5:80; x 10.2.0.5:1");
}

static void R28_host_network(void **state)
{
    (void)state;
    check_one(HOST, (struct want){.labels = NAMED, .mode = "host", .networks = "host="},
              "s 127.0.0.1:80");
    check_one(INSIDE, (struct want){.labels = NAMED, .mode = "host", .networks = "host="},
              "s 172.18.0.1:80");
}

/* There is nothing to be cleaned up. */
static void R29_what_is_gone_is_out(void **state)
{
    struct member *member = add(&(struct want){.labels = NAMED, .networks = "web=10.2.0.2"}, '1');
    (void)state;
    stand(&vantage, INSIDE);
    check_places("s 10.2.0.2:80");
    roster_remove(&roster, member);
    check_places("-");
    assert_int_equal(set.left_out_count, 0);
}

static void R30_whatever_the_exit_status(void **state)
{
    struct member *member = add(&(struct want){.labels = NAMED, .networks = "web=10.2.0.2"}, '1');
    (void)state;
    stand(&vantage, INSIDE);
    for (int status = 0; status < 2; status++) {
        member->container->running = true;
        check_places("s 10.2.0.2:80");
        member->container->running = false;
        member->container->exit_code = status;
        check_places("-");
    }
}

#define TAGGED(more)                                                                               \
    "{\"SERVICE_80_TAGS\":\"urlprefix-a.test/\",\"SERVICE_80_NAME\":\"a.test\"" more "}"

/* A tag has no address; the container has. */
static void F18_address_of_the_container(void **state)
{
    (void)state;
    add(&(struct want){.labels = TAGGED(""), .networks = "web=10.2.0.2"}, '1');
    stand(&vantage, INSIDE);
    check_places("a.test 10.2.0.2:80");
    check_route("a.test", "a.test");
}

/* Also without a check of its own; what its HEALTHCHECK says counts. */
static void F19_health(void **state)
{
    struct member *member =
        add(&(struct want){.labels = TAGGED(""), .networks = "web=10.2.0.2"}, '1');
    (void)state;
    stand(&vantage, INSIDE);
    look();
    assert_int_equal(set.endpoints[0].state, ENDPOINT_READY);
    assert_null(set.endpoints[0].check);
    member->container->health = CONTAINER_HEALTH_UNHEALTHY;
    look();
    assert_int_equal(set.endpoints[0].state, ENDPOINT_UNHEALTHY);
    check_route("a.test", "a.test");
    roster_remove(&roster, member);
    add(&(struct want){.labels = TAGGED(",\"SERVICE_CHECK_HTTP\":\"/h\""),
                       .networks = "web=10.2.0.2"},
        '2');
    look();
    assert_string_equal(set.endpoints[0].check->path, "/h");
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(N29_two_shared_networks_are_one_server),
        ROW(N30_no_shared_network),
        ROW(N31_host_network_and_lb_on_a_bridge),
        ROW(N32_both_on_the_host),
        ROW(N33_of_both_stacks_ipv4),
        ROW(T51_starting_and_unhealthy),
        ROW(T52_not_running),
        ROW(T53_network),
        ROW(T53_short_name_of_a_network),
        ROW(T54_host_network),
        ROW(T55_published_port),
        ROW(test_host_of_an_unreadable_path_yields_to_a_younger_container),
        ROW(R24_internal),
        ROW(R25_address_and_port_are_of_the_same_side),
        ROW(R26_first_of_several_bindings),
        ROW(R27_network_of_another_container),
        ROW(R28_host_network),
        ROW(R29_what_is_gone_is_out),
        ROW(R30_whatever_the_exit_status),
        ROW(F18_address_of_the_container),
        ROW(F19_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
