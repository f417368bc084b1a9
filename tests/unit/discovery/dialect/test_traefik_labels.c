/* Each test is a row of the table of Traefik's Docker provider, and is called as the row is. */
#include "tests/unit/discovery/dialect/traefik_given.h"

/* "service:port" of all that the container serves. */
static void check_servers(const char *labels, const char *expected)
{
    struct statement said;
    struct text got = TEXT_INIT;
    read_given(&(struct given){.labels = labels}, &said);
    for (size_t i = 0; i < said.claims.server_count; i++)
        text_appendf(&got, "%s%.*s:%u", i > 0 ? " " : "", (int)said.claims.servers[i].service.len,
                     said.claims.servers[i].service.ptr, said.claims.servers[i].port);
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
    statement_fini(&said);
}

static void T30_no_labels(void **state)
{
    (void)state;
    check(
        (struct given){.labels = "", .settings = {.default_rule = "Host(`{{ normalize .Name }}`)"}},
        "host=test rank=12 > Test@docker:80", NULL);
    ROUTES("", ""); /* nobody asked for Traefik's rule */
    ROUTES("other=1", "");
}

static void T31_container_of_compose(void **state)
{
    (void)state;
    ROUTES("com.docker.compose.service=web\ncom.docker.compose.project=shop\ntraefik.enable=true",
           "host=web-shop rank=16 > web-shop@docker:80");
    check((struct given){.labels = "traefik.enable=true", .name = "__a__b.c_"},
          "host=a-b-c rank=13 > a-b-c@docker:80", NULL);
}

static void T32_default_rule(void **state)
{
    struct given given = {.labels = "domain=x.test"};
    (void)state;
    given.settings.default_rule = "Host(`{{ .Name }}.{{ index .Labels \"domain\" }}`)";
    check(given, "host=test.x.test rank=19 > Test@docker:80", NULL);
    given.settings.default_rule = "Host(`{{ lower (normalize .Name) }}`)";
    check(given, "host=test rank=12 > Test@docker:80", NULL);
    given.settings.default_rule = "Host(`{{ invalid .Name }}`)";
    check(given, "", "default rule");
    given.settings.default_rule = "Host(`{{ .Name`)";
    check(given, "", "default rule");
    given.settings.default_rule = "";
    check(given, "", "a matcher is expected");
}

static void T33_enable(void **state)
{
    static const char *const no[] = {"traefik.enable=false", "traefik.enable=0",
                                     "Traefik.Enable=FALSE", "traefik.enable=nonsense"};
    struct statement said;
    (void)state;
    for (size_t i = 0; i < COUNT(no); i++) {
        read_given(&(struct given){.labels = no[i]}, &said);
        assert_string_equal(said.disabled_by + strlen("traefik.enable="), strchr(no[i], '=') + 1);
        assert_int_equal(said.claims.route_count + said.claims.server_count, 0);
        statement_fini(&said);
    }
    TOLD("traefik.enable=false\n" ROUTER "r.rule=Host(`a`)", "", NULL);
    check(
        (struct given){.labels = ROUTER "r.rule=Host(`a`)", .settings = {.requires_enable = true}},
        "", NULL);
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\ntraefik.enable=true",
                         .settings = {.requires_enable = true}},
          "host=a rank=9 > Test@docker:80", NULL);
    read_given(&(struct given){.labels = "traefik.enable=true"}, &said);
    assert_true(said.lets_in);
    statement_fini(&said);
}

static void T34_router_alone_gets_a_service(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)", "host=a rank=9 > Test@docker:80");
    ROUTES("TRAEFIK.HTTP.Routers.R.RULE=Host(`a`)", "host=a rank=9 > Test@docker:80");
}

static void T35_router_gets_the_only_service(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)\n" SERVICE "s.loadbalancer.server.port=81",
           "host=a rank=9 > s@docker:81");
}

static void T36_router_without_service_and_two_services(void **state)
{
    static const char labels[] =
        ROUTER "r.rule=Host(`a`)\n" SERVICE "s.loadbalancer.server.port=81\n" SERVICE
               "t.loadbalancer.server.port=82";
    (void)state;
    TOLD(labels, "", "the router r is dropped");
    check_servers(labels, "s@docker:81 t@docker:82");
}

static void T37_two_services_without_router(void **state)
{
    (void)state;
    TOLD(SERVICE "s.loadbalancer.server.port=81\n" SERVICE "t.loadbalancer.server.port=82", "",
         "no router");
    ROUTES(SERVICE "s.loadbalancer.server.port=81", "host=test rank=12 > s@docker:81");
}

static void T38_router_with_a_service_that_is_not_defined(void **state)
{
    (void)state;
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.service=X", "host=a rank=9 > 404",
         "the router r answers 404: no label of a container defines the service X");
    check_servers(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.service=X", "Test@docker:80");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.service=api@internal", "host=a rank=9 > 404",
         "not of Docker");
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.service=X",
                         .older = {SERVICE "X.loadbalancer.server.port=1"}},
          "host=a rank=9 > X@docker", NULL);
}

static void T39_same_service_of_two_containers(void **state)
{
    (void)state;
    check((struct given){.labels = SERVICE "s.loadbalancer.server.port=81",
                         .older = {SERVICE "s.loadbalancer.server.port=80"}},
          "host=test rank=12 > s@docker:81", NULL);
}

/* Traefik drops it on both; lb goes by the older one. */
static void T40_same_service_with_other_options(void **state)
{
    (void)state;
    check((struct given){.labels = SERVICE "s.loadbalancer.healthcheck.path=/",
                         .older = {SERVICE "s.loadbalancer.healthcheck.path=/x"}},
          "host=test rank=12 > s@docker:80", "an older container has other options");
}

static void T41_same_router_twice(void **state)
{
    (void)state;
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)", .older = {ROUTER "r.rule=Host(`a`)"}},
          "host=a rank=9 > Test@docker:80", NULL);
}

/* Traefik drops it on all of them; lb goes by the oldest one. */
static void T42_same_router_with_another_definition(void **state)
{
    struct given given = {.labels = ROUTER "r.rule=Host(`b`)\n" ROUTER "s.rule=Host(`c`)",
                          .older = {ROUTER "r.rule=Host(`a`)"}};
    (void)state;
    check(given, "host=c rank=9 > Test@docker:80", "an older container defines it otherwise");
}

static void T43_same_middleware_with_another_definition(void **state)
{
    struct given given = {.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=m"};
    (void)state;
    given.older[0] = MIDDLEWARE "m.addprefix.prefix=/x";
    given.older[1] = MIDDLEWARE "m.addprefix.prefix=/x";
    check(given, "host=a rank=9 add=/x > Test@docker:80", NULL);
    given.older[2] = MIDDLEWARE "m.addprefix.prefix=/y";
    check(given, "host=a rank=9 > 404", "containers define the middleware m differently");
}

static void T44_same_rule_twice(void **state)
{
    (void)state;
    ROUTES(ROUTER "a.rule=Host(`x`)\n" ROUTER "b.rule=Host(`x`)",
           "host=x rank=9 > Test@docker:80\nhost=x rank=9 > Test@docker:80");
}

static void T45_port_and_scheme_of_the_server(void **state)
{
    (void)state;
    ROUTES(SERVICE "s.loadbalancer.server.port=8080\n" SERVICE "s.loadbalancer.server.scheme=https",
           "host=test rank=12 > s@docker:8080 https");
    ROUTES(SERVICE "s.loadbalancer.server.scheme=h2c", "host=test rank=12 > s@docker:80 h2c");
    TOLD(SERVICE "s.loadbalancer.server.scheme=ftp", "", "scheme");
    TOLD(SERVICE "s.loadbalancer.server.port=x", "", "1 to 65535");
    check_servers(SERVICE "a.loadbalancer.server.port=1\n" SERVICE "b.loadbalancer.server.port=x",
                  "");
}

static void T46_lowest_tcp_port(void **state)
{
    (void)state;
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)",
                         .exposed = "{\"9000/tcp\":{},\"80/tcp\":{},\"43/udp\":{}}"},
          "host=a rank=9 > Test@docker:80", NULL);
}

static void T47_no_port(void **state)
{
    (void)state;
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)", .exposed = "{}"}, "",
          "exposes no TCP port");
    check((struct given){.labels = SERVICE "s.loadbalancer.server.port=1", .exposed = "{}"},
          "host=test rank=12 > s@docker:1", NULL);
}

/* lb goes to containers only. */
static void T48_url_of_a_server(void **state)
{
    static const char url[] = SERVICE "s.loadbalancer.server.url=http://1.2.3.4:5678";
    (void)state;
    TOLD(url, "host=test rank=12 > s@docker", "loadbalancer.server.url is not supported");
    TOLD(SERVICE "s.loadbalancer.server.url=http://1.2.3.4:5678\n" SERVICE
                 "s.loadbalancer.server.port=1",
         "", "a URL, and a port");
}

static void T49_invalid_label(void **state)
{
    static const char *const labels[] = {
        SERVICE "s.loadbalancer.port=80", ROUTER "r.rul=Host(`a`)",         ROUTER "r=x",
        MIDDLEWARE "m.nonsense.x=1",      ROUTER "r@docker.rule=Host(`a`)", HTTP "router.r.rule=x"};
    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        char text[128];
        snprintf(text, sizeof(text), ROUTER "good.rule=Host(`good`)\n%s", labels[i]);
        TOLD(text, "", "none of its labels for Traefik counts");
    }
}

static void T53_network(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = ROUTER "r.rule=Host(`a`)\ntraefik.docker.network=net2"},
               &said);
    assert_string_equal(said.options.network, "net2");
    statement_fini(&said);
}

static void T56_no_http_beside_tcp(void **state)
{
    (void)state;
    ROUTES("traefik.enable=true\ntraefik.tcp.routers.r.rule=HostSNI(`*`)\n"
           "traefik.tcp.routers.r.entrypoints=db",
           "");
    ROUTES("traefik.udp.services.s.loadbalancer.server.port=1\n" ROUTER "r.rule=Host(`a`)",
           "host=a rank=9 > Test@docker:80");
}

static void test_items_are_bounded(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    for (int i = 0; i < 600; i++)
        text_appendf(&text, ROUTER "r%d.rule=Host(`a`)\n", i);
    TOLD(text_str(&text), "", "one too many (spread them over several containers: 512 ");
    text_clear(&text);
    for (int i = 0; i < 200; i++)
        text_appendf(&text, MIDDLEWARE "m.headers.customrequestheaders.H%d=1\n", i);
    TOLD(text_str(&text), "", "one too many (spread them over several containers: 512 ");
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T30_no_labels),
        cmocka_unit_test(T31_container_of_compose),
        cmocka_unit_test(T32_default_rule),
        cmocka_unit_test(T33_enable),
        cmocka_unit_test(T34_router_alone_gets_a_service),
        cmocka_unit_test(T35_router_gets_the_only_service),
        cmocka_unit_test(T36_router_without_service_and_two_services),
        cmocka_unit_test(T37_two_services_without_router),
        cmocka_unit_test(T38_router_with_a_service_that_is_not_defined),
        cmocka_unit_test(T39_same_service_of_two_containers),
        cmocka_unit_test(T40_same_service_with_other_options),
        cmocka_unit_test(T41_same_router_twice),
        cmocka_unit_test(T42_same_router_with_another_definition),
        cmocka_unit_test(T43_same_middleware_with_another_definition),
        cmocka_unit_test(T44_same_rule_twice),
        cmocka_unit_test(T45_port_and_scheme_of_the_server),
        cmocka_unit_test(T46_lowest_tcp_port),
        cmocka_unit_test(T47_no_port),
        cmocka_unit_test(T48_url_of_a_server),
        cmocka_unit_test(T49_invalid_label),
        cmocka_unit_test(T53_network),
        cmocka_unit_test(T56_no_http_beside_tcp),
        cmocka_unit_test(test_items_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
