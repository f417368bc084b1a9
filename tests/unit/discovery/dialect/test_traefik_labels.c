/* Each test is a row of the table of Traefik's labels, and is called as the row is. What a route then
 * matches is the business of the table of routes. */
#include "discovery/dialect/traefik_labels.h"

#include "tests/unit/discovery/dialect/claims_text.h"

#define HTTP       "traefik.http."
#define ROUTER     HTTP "routers."
#define SERVICE    HTTP "services."
#define MIDDLEWARE HTTP "middlewares."
#define OLDER_MAX  3

/* Labels are "NAME=value" with newlines between them. */
struct given {
    const char *labels, *exposed, *name;
    struct traefik_settings settings;
    const char *older[OLDER_MAX]; /* labels of other containers */
};

static json_t *labels_of(const char *text)
{
    json_t *labels = json_object();
    struct view rest = view_str(text);
    while (rest.len > 0) {
        struct view value = view_cut(&rest, '\n');
        struct view name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_object_set_new(labels, key, json_stringn(value.ptr ? value.ptr : "", value.len));
        free(key);
    }
    return labels;
}

static void read_given(const struct given *given, struct statement *said)
{
    json_t *labels = labels_of(given->labels);
    json_t *exposed = json_loads(given->exposed ? given->exposed : "{\"80/tcp\":{}}", 0, NULL);
    struct traefik_items items[OLDER_MAX + 1];
    struct traefik_catalog catalog = {0};
    struct traefik_settings settings = given->settings;
    size_t count = 0;
    for (; count < OLDER_MAX && given->older[count]; count++) {
        json_t *older = labels_of(given->older[count]);
        traefik_items_read(older, &items[count]);
        json_decref(older);
    }
    traefik_items_read(labels, &items[count++]);
    for (size_t i = 0; i < count; i++)
        traefik_catalog_add(&catalog, &items[i]);
    settings.catalog = count > 1 ? &catalog : NULL;
    statement_init(said);
    traefik_labels_read(&(struct statement_source){.traefik = &settings,
                                                   .labels = labels,
                                                   .exposed = exposed,
                                                   .name = given->name ? given->name : "Test"},
                        said);
    traefik_catalog_fini(&catalog);
    for (size_t i = 0; i < count; i++)
        traefik_items_fini(&items[i]);
    json_decref(exposed);
    json_decref(labels);
}

/* `remark`: words in what is told; NULL: nothing is. */
static void check(struct given given, const char *expected, const char *remark)
{
    struct statement said;
    read_given(&given, &said);
    char *got = claims_text(&said.claims), *told = claims_take_remark(&said.claims);
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s\ntold: %s", given.labels, got, expected,
                 told ? told : "nothing");
    if (!told != !remark || (told && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", given.labels, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(got);
    free(told);
    statement_fini(&said);
}

#define ROUTES(text, expected)       check((struct given){.labels = text}, expected, NULL)
#define TOLD(text, expected, remark) check((struct given){.labels = text}, expected, remark)

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

/* ---- rules ---------------------------------------------------------------------------------- */

static void T2_T3_hosts_with_stars(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`*.a.test`)",
           "host=*.a.test host_regex=^[^.]+\\.a\\.test$ rank=16 > Test@docker:80");
    ROUTES(ROUTER "r.rule=!Host(`*.a.test`)",
           "not host_regex=^[^.]+\\.a\\.test$ rank=17 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`*`)", "rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=!Host(`*`) || Host(`a`)", "host=a rank=23 > Test@docker:80");
}

static void T7_to_T17_alternatives_are_routes(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`) && (Path(`/x`) || PathPrefix(`/y`) || PathRegexp(`z$`))",
           "host=a path_exact=/x rank=65 > Test@docker:80\n"
           "host=a path_start=/y rank=65 > Test@docker:80\n"
           "host=a path_regex=z$ rank=65 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Method(`get`) && Header(`A`, `b`) && HeaderRegexp(`C`, `d`) && "
                  "Query(`e`) && QueryRegexp(`f`, `g`) && ClientIP(`10.1.2.3/8`)\n" ROUTER
                  "r.priority=1",
           "method=GET A:header=b C:header_regex=d e:query= f:query_regex=g client=10.0.0.0/8 "
           "rank=1 > Test@docker:80");
    ROUTES(ROUTER "r.rule=HostRegexp(`a`) && Host(`b`) && !Path(`/c`)\n" ROUTER "r.priority=1",
           "host_regex=a host=b not path_exact=/c rank=1 > Test@docker:80");
}

static void T20_priority_by_label_or_by_length(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)", "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=42", "host=a rank=42 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=-5", "host=a rank=-5 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=0", "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=99999999999",
           "host=a rank=2147483647 > Test@docker:80");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.priority=high", "host=a rank=9 > Test@docker:80",
         "no number");
}

static void T22_routers_of_equal_priority_are_in_order_of_names(void **state)
{
    (void)state;
    ROUTES(ROUTER "z.rule=Host(`a`)\n" ROUTER "b.rule=Host(`c`)",
           "host=c rank=9 > Test@docker:80\nhost=a rank=9 > Test@docker:80");
}

static void T24_router_with_an_invalid_rule_is_left_out(void **state)
{
    (void)state;
    TOLD(ROUTER "a.rule=Host('a')\n" ROUTER "b.rule=Host(`b`)", "host=b rank=9 > Test@docker:80",
         "the rule of the router a cannot be used, from byte 5 on: single quotes");
    TOLD(ROUTER "a.rule=PathRegexp(`(`)", "", "traefik.http.routers.a: path_regex");
    TOLD(ROUTER "a.rule=Host(`a`)\n" ROUTER "a.rulesyntax=v2", "", "syntax v3");
}

static void T25_entry_points(void **state)
{
    struct traefik_settings settings = {.entry_points = "public, other"};
    (void)state;
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=web",
           "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=websecure, http",
           "host=a rank=9 > Test@docker:80");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints[0]=internal", "", "entry points");
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=other",
                         .settings = settings},
          "host=a rank=9 > Test@docker:80", NULL);
    check((struct given){.labels = ROUTER "r.rule=Host(`a`)\n" ROUTER "r.entrypoints=web",
                         .settings = settings},
          "", "entry points");
}

/* Until lb has TLS: what is for TLS alone is not served without it. */
static void T26_routers_for_tls(void **state)
{
    (void)state;
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.tls=true", "", "TLS");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.tls.certresolver=le", "", "TLS");
    ROUTES(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.tls=false", "host=a rank=9 > Test@docker:80");
}

/* ---- the Docker provider -------------------------------------------------------------------- */

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
    TOLD("traefik.enable=true\ntraefik.tcp.routers.r.rule=HostSNI(`*`)", "",
         "traefik.tcp.routers.r.rule is not supported");
    TOLD("traefik.udp.services.s.loadbalancer.server.port=1\n" ROUTER "r.rule=Host(`a`)",
         "host=a rank=9 > Test@docker:80", "is not supported");
}

/* ---- services ------------------------------------------------------------------------------- */

static void T60_T61_T63_T65_T66_T67_options_that_are_not_supported_are_told(void **state)
{
    static const char *const options[] = {
        "passhostheader=false",
        "strategy=p2c",
        "sticky=true",
        "sticky.cookie.name=x",
        "passivehealthcheck=true",
        "passivehealthcheck.failurewindow=1s",
        "serverstransport=mine@file",
        "responseforwarding.flushinterval=1s",
        "healthcheck.mode=grpc",
        "server.preservepath=true",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(options); i++) {
        char text[128];
        snprintf(text, sizeof(text), SERVICE "s.loadbalancer.%s", options[i]);
        TOLD(text, "host=test rank=12 > s@docker:80", "is not supported");
    }
    ROUTES(SERVICE "s.loadbalancer.passhostheader=true\n" SERVICE "s.loadbalancer.strategy=wrr",
           "host=test rank=12 > s@docker:80");
}

static void T62_weight_of_the_server(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = SERVICE "s.loadbalancer.server.weight=7"}, &said);
    assert_int_equal(said.options.weight, 7);
    statement_fini(&said);
    TOLD(SERVICE "s.loadbalancer.server.weight=-1", "host=test rank=12 > s@docker:80", "weight");
    TOLD(SERVICE "s.loadbalancer.servers[0].url=http://a", "host=test rank=12 > s@docker",
         "is not supported");
    TOLD(ROUTER "r.rule=Host(`a`)\n" SERVICE "s.weighted.services[0].name=x",
         "host=a rank=9 > s@docker", "weighted. is not supported");
}

static void T64_health_check(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = SERVICE "s.loadbalancer.healthcheck.path=/h\n" SERVICE
                                                 "s.loadbalancer.healthcheck.interval=10\n" SERVICE
                                                 "s.loadbalancer.healthcheck.timeout=3s\n" SERVICE
                                                 "s.loadbalancer.healthcheck.port=81\n" SERVICE
                                                 "s.loadbalancer.healthcheck.hostname=h\n" SERVICE
                                                 "s.loadbalancer.healthcheck.method=HEAD\n" SERVICE
                                                 "s.loadbalancer.healthcheck.status=204"},
               &said);
    assert_true(said.has_options && said.options.has_check);
    assert_string_equal(said.options.check.path, "/h");
    assert_int_equal(said.options.check.interval_ms, 10000);
    assert_int_equal(said.options.check.timeout_ms, 3000);
    assert_int_equal(said.options.check.port, 81);
    assert_string_equal(said.options.check.host, "h");
    assert_string_equal(said.options.check.method, "HEAD");
    assert_int_equal(said.options.check.statuses[0].low, 204);
    statement_fini(&said);
    read_given(&(struct given){.labels = SERVICE "s.loadbalancer.healthcheck.interval=10s"}, &said);
    assert_false(said.options.has_check);
    statement_fini(&said);
    TOLD(SERVICE "s.loadbalancer.healthcheck.path=/h\n" SERVICE
                 "s.loadbalancer.healthcheck.interval=soon",
         "host=test rank=12 > s@docker:80", "interval");
}

/* ---- middlewares ---------------------------------------------------------------------------- */

#define WITH(middleware)                                                                           \
    ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE "m." middleware

static void T70_T71_redirects_are_not_passed_by(void **state)
{
    (void)state;
    TOLD(WITH("redirectscheme.scheme=https"), "host=a rank=9 > 503", "redirectscheme");
    TOLD(WITH("redirectregex.regex=x"), "host=a rank=9 > 503", "redirectregex");
}

static void T72_strip_prefix(void **state)
{
    (void)state;
    ROUTES(ROUTER "r.rule=PathPrefix(`/api`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/api",
           "path_start=/api rank=18 strip=/api > Test@docker:80");
    ROUTES(ROUTER "r.rule=PathPrefix(`/api`)\n" ROUTER "r.middlewares=m@docker\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/x,/api",
           "path_start=/api rank=18 strip=/api > Test@docker:80");
    ROUTES(WITH("stripprefix.prefixes=/b"),
           "host=a path_start=/b rank=9 strip=/b > Test@docker:80\nhost=a rank=9 > Test@docker:80");
    ROUTES(WITH("stripprefix.prefixes[0]=/b\n" MIDDLEWARE "m.stripprefix.prefixes[1]=/bc"),
           "host=a path_start=/b rank=9 strip=/b > Test@docker:80\n"
           "host=a path_start=/bc not path_start=/b rank=9 strip=/bc > Test@docker:80\n"
           "host=a rank=9 > Test@docker:80");
    ROUTES(ROUTER "r.rule=PathRegexp(`x`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/b",
           "path_regex=x path_start=/b rank=15 strip=/b > Test@docker:80\n"
           "path_regex=x rank=15 > Test@docker:80");
    ROUTES(ROUTER "r.rule=Path(`/x`)\n" ROUTER "r.middlewares=m\n" MIDDLEWARE
                  "m.stripprefix.prefixes=/b",
           "path_exact=/x rank=10 > Test@docker:80");
    TOLD(WITH("stripprefix=true"), "host=a rank=9 > 404", "up to 16 prefixes");
}

static void T73_T75_paths_that_are_not_changed_are_told(void **state)
{
    (void)state;
    TOLD(WITH("stripprefixregex.regex=/x"), "host=a rank=9 > Test@docker:80", "stripprefixregex");
    TOLD(WITH("replacepath.path=/x"), "host=a rank=9 > Test@docker:80", "replacepath");
    TOLD(WITH("replacepathregex.regex=/x"), "host=a rank=9 > Test@docker:80", "replacepathregex");
}

static void T74_add_prefix(void **state)
{
    (void)state;
    ROUTES(WITH("addprefix.prefix=/foo"), "host=a rank=9 add=/foo > Test@docker:80");
    ROUTES(WITH("addprefix.prefix=foo/"), "host=a rank=9 add=/foo > Test@docker:80");
    TOLD(WITH("addprefix.prefix="), "host=a rank=9 > 404", "has no prefix");
    ROUTES(ROUTER "r.rule=PathPrefix(`/b`)\n" ROUTER "r.middlewares=s,m,n\n" MIDDLEWARE
                  "s.stripprefix.prefixes=/b\n" MIDDLEWARE "m.addprefix.prefix=/x\n" MIDDLEWARE
                  "n.addprefix.prefix=/y",
           "path_start=/b rank=16 strip=/b add=/y/x > Test@docker:80");
    TOLD(ROUTER "r.rule=PathPrefix(`/b`)\n" ROUTER "r.middlewares=m,s\n" MIDDLEWARE
                "s.stripprefix.prefixes=/b\n" MIDDLEWARE "m.addprefix.prefix=/x",
         "path_start=/b rank=16 > 404", "before addPrefix");
}

static void T76_T78_T79_T80_T82_T83_T84_what_is_not_supported_is_told(void **state)
{
    static const char *const middlewares[] = {
        "headers.customrequestheaders.X-A=b",
        "ratelimit.average=1",
        "inflightreq.amount=1",
        "compress=true",
        "retry.attempts=2",
        "circuitbreaker.expression=x",
        "buffering.maxrequestbodybytes=1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(middlewares); i++) {
        char text[256];
        snprintf(text, sizeof(text), WITH("%s"), middlewares[i]);
        TOLD(text, "host=a rank=9 > Test@docker:80", "is not supported");
    }
}

static void T77_T86_nothing_is_served_without_its_protection(void **state)
{
    static const char *const middlewares[] = {"basicauth.users=a:b", "basicauth.usersfile=/x",
                                              "digestauth.users=a:b",
                                              "forwardauth.address=http://x", "plugin.mine.x=1"};
    (void)state;
    for (size_t i = 0; i < COUNT(middlewares); i++) {
        char text[256];
        snprintf(text, sizeof(text), WITH("%s"), middlewares[i]);
        TOLD(text, "host=a rank=9 > 503", "nothing is served without it");
    }
    TOLD(WITH("addprefix.prefix=/x\n" MIDDLEWARE "m.basicauth.users=a:b"), "host=a rank=9 > 503",
         "two types");
}

static void T81_ip_allow_list(void **state)
{
    (void)state;
    ROUTES(WITH("ipallowlist.sourcerange=10.0.0.7/8, ::1"),
           "host=a client=10.0.0.0/8 rank=9 > Test@docker:80\n"
           "host=a client=::1/128 rank=9 > Test@docker:80\n"
           "host=a rank=9 > 403");
    ROUTES(WITH("ipwhitelist.sourcerange=10.0.0.0/8"),
           "host=a client=10.0.0.0/8 rank=9 > Test@docker:80\nhost=a rank=9 > 403");
    TOLD(WITH("ipallowlist.sourcerange=10.0.0.0/8\n" MIDDLEWARE "m.ipallowlist.ipstrategy.depth=1"),
         "host=a rank=9 > 503", "ipStrategy");
    TOLD(WITH("ipallowlist.sourcerange=10.0.0.0/8,nonsense"), "host=a rank=9 > 503", "ranges");
    TOLD(WITH("ipallowlist=true"), "host=a rank=9 > 503", "ranges");
}

static void T85_chain(void **state)
{
    (void)state;
    ROUTES(WITH("chain.middlewares=x,y\n" MIDDLEWARE "x.stripprefix.prefixes=/b\n" MIDDLEWARE
                "y.addprefix.prefix=/c"),
           "host=a path_start=/b rank=9 strip=/b add=/c > Test@docker:80\n"
           "host=a rank=9 add=/c > Test@docker:80");
    TOLD(WITH("chain.middlewares=m"), "host=a rank=9 > 404", "too long");
    TOLD(WITH("chain.middlewares=x\n" MIDDLEWARE "x.basicauth.users=a:b"), "host=a rank=9 > 503",
         "basicauth");
}

static void T87_middleware_that_is_not_defined(void **state)
{
    (void)state;
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=nope", "host=a rank=9 > 404",
         "no label of a container defines the middleware nope");
    TOLD(ROUTER "r.rule=Host(`a`)\n" ROUTER "r.middlewares=auth@file", "host=a rank=9 > 404",
         "auth@file");
    TOLD(ROUTER "r.rule=Host(`a`) || Host(`b`)\n" ROUTER "r.middlewares=nope",
         "host=a rank=22 > 404\nhost=b rank=22 > 404", "nope");
}

static void test_items_are_bounded(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    for (int i = 0; i < 600; i++)
        text_appendf(&text, ROUTER "r%d.rule=Host(`a`)\n", i);
    TOLD(text_str(&text), "", "one too many");
    text_clear(&text);
    for (int i = 0; i < 200; i++)
        text_appendf(&text, MIDDLEWARE "m.headers.customrequestheaders.H%d=1\n", i);
    TOLD(text_str(&text), "", "one too many");
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T2_T3_hosts_with_stars),
        cmocka_unit_test(T7_to_T17_alternatives_are_routes),
        cmocka_unit_test(T20_priority_by_label_or_by_length),
        cmocka_unit_test(T22_routers_of_equal_priority_are_in_order_of_names),
        cmocka_unit_test(T24_router_with_an_invalid_rule_is_left_out),
        cmocka_unit_test(T25_entry_points),
        cmocka_unit_test(T26_routers_for_tls),
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
        cmocka_unit_test(T60_T61_T63_T65_T66_T67_options_that_are_not_supported_are_told),
        cmocka_unit_test(T62_weight_of_the_server),
        cmocka_unit_test(T64_health_check),
        cmocka_unit_test(T70_T71_redirects_are_not_passed_by),
        cmocka_unit_test(T72_strip_prefix),
        cmocka_unit_test(T73_T75_paths_that_are_not_changed_are_told),
        cmocka_unit_test(T74_add_prefix),
        cmocka_unit_test(T76_T78_T79_T80_T82_T83_T84_what_is_not_supported_is_told),
        cmocka_unit_test(T77_T86_nothing_is_served_without_its_protection),
        cmocka_unit_test(T81_ip_allow_list),
        cmocka_unit_test(T85_chain),
        cmocka_unit_test(T87_middleware_that_is_not_defined),
        cmocka_unit_test(test_items_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
