#include "tests/unit/discovery/dialect/words_case.h"

/* What a container becomes: "service:port", or what it is left out for. */
static void test_table(void **state)
{
    static const struct {
        struct words words;
        const char *expected;
    } cases[] = {
        /* the service: lb.service, SERVICE_<port>_NAME, SERVICE_NAME, image, its own name */
        {{"{\"lb.service\":\"a\",\"SERVICE_NAME\":\"b\"}", "[\"SERVICE_NAME=c\"]", ONE, "d"},
         "a:80"},
        {{"{\"SERVICE_NAME\":\"b\"}", "[\"SERVICE_NAME=c\"]", ONE, "d"}, "b:80"},
        {{"{}", "[\"SERVICE_80_NAME=web\",\"SERVICE_NAME=all\"]", ONE, "d"}, "web:80"},
        {{"{\"lb.service\":\"mine\"}", "[\"SERVICE_80_NAME=web\"]", ONE, "d"}, "mine:80"},
        {{"{\"lb.port\":\"9\"}", "[\"SERVICE_9_NAME=nine\"]", TWO, "d"}, "nine:9"},
        {{"{\"lb.service\":\"\"}", "[\"SERVICE_NAME=\"]", ONE, "d"}, "d:80"},
        {{NULL, NULL, ONE, "registry:5000/foo/bar:tag@sha256:0123"}, "bar:80"},
        {{NULL, NULL, ONE, "registry:5000/foo/bar"}, "bar:80"},
        {{NULL, NULL, ONE, "bar:1.2"}, "bar:80"},
        {{NULL, NULL, ONE, "foo/bar@sha256:0123"}, "bar:80"},
        {{NULL, NULL, ONE, "sha256:2dfe9217fb81c7298681b827857aaebc"}, "its-name:80"},
        {{NULL, NULL, ONE, "2dfe9217fb81"}, "its-name:80"},
        {{NULL, NULL, ONE, ""}, "its-name:80"},
        /* the port: lb.port, SERVICE_PORT, the lowest that has a name, the lowest */
        {{"{\"lb.port\":\"1\",\"SERVICE_PORT\":\"2\"}", "[\"SERVICE_PORT=3\"]", TWO, NULL},
         "shop:1"},
        {{"{\"lb.port\":\" \",\"SERVICE_PORT\":\"2\"}", "[\"SERVICE_PORT=3\"]", TWO, NULL},
         "shop:2"},
        {{"{}", "[\"SERVICE_PORT=3\"]", TWO, NULL}, "shop:3"},
        {{"{}", "[\"SERVICE_443_NAME=tls\"]", TWO, NULL}, "tls:443"},
        {{"{}", "[\"SERVICE_81_NAME=web\"]", TWO, NULL}, "web:81"},
        {{"{}", "[\"SERVICE_81_NAME=web\"]", NULL, NULL}, "web:81"},
        {{"{\"lb.port\":\"80\"}", "[\"SERVICE_443_NAME=tls\"]", TWO, NULL}, "shop:80"},
        {{"{}", "[]", TWO, NULL}, "shop:80"},
        /* left out as a whole; whoever says lb.enable=true does not mean what others say */
        {{"{\"lb.enable\":\"0\"}", "[\"SERVICE_IGNORE=1\"]", ONE, NULL}, "lb.enable=0"},
        {{"{\"lb.disable\":\"1\"}", "[]", ONE, NULL}, "\"lb.disable=1\""},
        {{"{}", "[\"SERVICE_IGNORE=true\"]", ONE, NULL}, "SERVICE_IGNORE"},
        {{"{\"lb.enable\":\"TRUE \"}", "[\"SERVICE_IGNORE=1\"]", ONE, NULL}, "shop:80"},
        /* left out by the port; whoever names it for lb does not mean what others say */
        {{"{}", "[\"SERVICE_80_IGNORE=1\"]", TWO, NULL}, "shop:443"},
        {{"{}", "[\"SERVICE_80_IGNORE=1\",\"SERVICE_80_NAME=web\"]", TWO, NULL}, "shop:443"},
        {{"{}", "[\"SERVICE_80_IGNORE=1\"]", ONE, NULL}, "SERVICE_80_IGNORE"},
        {{"{}", "[\"SERVICE_80_IGNORE=1\",\"SERVICE_PORT=80\"]", ONE, NULL}, "SERVICE_80_IGNORE"},
        {{"{\"lb.port\":\"80\"}", "[\"SERVICE_80_IGNORE=1\"]", ONE, NULL}, "shop:80"},
        {{"{\"lb.enable\":\"1\"}", "[\"SERVICE_80_IGNORE=1\",\"SERVICE_PORT=80\"]", ONE, NULL},
         "shop:80"},
        {{"{\"lb.enable\":\"1\"}", "[\"SERVICE_80_IGNORE=1\"]", ONE, NULL}, "no_port"},
        /* nothing can be offered */
        {{"{}", "[]", "{}", NULL}, "no_port"},
        {{"{\"lb.port\":\"x\"}", "[\"SERVICE_PORT=2\"]", ONE, NULL}, "bad_port"},
        {{"{}", "[\"SERVICE_PORT=http\"]", ONE, NULL}, "bad_port"},
        {{"{\"lb.weight\":\"x\",\"lb.port\":\"x\"}", "[]", "{}", NULL}, "bad_label"},
        {{"{\"lb.service\":\"a\\u0001b\"}", "[]", ONE, NULL}, "bad_label"},
        {{"{}", "[\"SERVICE_NAME=a\\nb\"]", ONE, NULL}, "bad_label"},
        /* who asks for a site in vain is not in the service of its image; one that is named counts */
        {{"{\"lb.host\":\"a b\"}", "[]", ONE, NULL}, "bad_label"},
        {{"{\"lb.host\":\"a b\",\"lb.service\":\"a\"}", "[]", ONE, NULL}, "a:80"},
        {{"{}", "[\"VIRTUAL_HOST=a\",\"VIRTUAL_PORT=80,81\"]", ONE, NULL}, "bad_label"},
        {{"{}", "[\"VIRTUAL_HOST=\"]", ONE, NULL}, "shop:80"},
        {{"{\"SERVICE_TAGS\":\"urlprefix-a/ auth=../x\"}", "[]", ONE, NULL}, "bad_label"},
        {{"{\"SERVICE_TAGS\":\"auth=x\"}", "[]", ONE, NULL}, "shop:80"},
        {{"{\"traefik.http.routers.r.middleware\":\"auth\"}", "[]", ONE, NULL}, "bad_label"},
        {{"{\"traefik.http.routers.r.rul\":\"x\",\"traefik.enable\":\"no\"}", "[]", ONE, NULL},
         "traefik.enable=no"},
        /* other types */
        {{"[1]", "{\"SERVICE_IGNORE\":1}", "[80]", NULL}, "no_port"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct offers offers;
        char got[80];
        read_words(&cases[i].words, &offers);
        if (offers.disabled_by)
            snprintf(got, sizeof(got), "%s", offers.disabled_by);
        else if (offers.fault_detail)
            snprintf(got, sizeof(got), "%s", left_out_reason_word(offers.fault));
        else
            snprintf(got, sizeof(got), "%s:%u", offers.items[0].service, offers.items[0].port);
        assert_int_equal(offers.count, 1);
        assert_string_equal(offers.items[0].protocol, "http");
        assert_int_equal(offers.is_named, strcmp(offers.items[0].service_from, "lb.service") == 0);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%zu: %s %s, expected %s", i, got,
                     offers.fault_detail ? offers.fault_detail : "", cases[i].expected);
        offers_fini(&offers);
    }
}

static void test_why_this_port(void **state)
{
    static const struct {
        struct words words;
        const char *port_from;
    } cases[] = {
        {{.labels = "{\"lb.port\":\"1\"}", .exposed = TWO}, "the label lb.port"},
        {{.environment = "[\"SERVICE_PORT=1\"]", .exposed = TWO}, "SERVICE_PORT"},
        {{.exposed = ONE}, "the only TCP port that it exposes"},
        {{.exposed = TWO}, "the lowest of the 2 TCP ports that it exposes"},
        {{.environment = "[\"SERVICE_443_NAME=tls\"]", .exposed = TWO},
         "of the 2 TCP ports that it exposes the lowest that has a name (SERVICE_443_NAME)"},
        {{.environment = "[\"SERVICE_80_NAME=web\"]", .exposed = ONE},
         "the only TCP port that it exposes"},
        {{.exposed = "{}"}, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct offers offers;
        read_words(&cases[i].words, &offers);
        assert_string_equal(offers.items[0].port_from, cases[i].port_from);
        offers_fini(&offers);
    }
}

static void test_why_this_service(void **state)
{
    static const struct {
        struct words words;
        const char *service_from;
    } cases[] = {
        {{.labels = "{\"lb.service\":\"a\"}"}, "lb.service"},
        {{.environment = "[\"SERVICE_NAME=a\"]"}, "SERVICE_NAME"},
        {{.environment = "[\"SERVICE_80_NAME=a\"]", .exposed = ONE}, "SERVICE_80_NAME"},
        {{.image = "a"}, "the name of its image"},
        {{.image = ""}, "its own name"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct offers offers;
        read_words(&cases[i].words, &offers);
        assert_string_equal(offers.items[0].service_from, cases[i].service_from);
        offers_fini(&offers);
    }
}

static void test_options_and_remarks_are_passed_on(void **state)
{
    struct offers offers;
    (void)state;
    read_words(&(struct words){.labels = "{\"lb.weight\":\"7\",\"lb.network\":\"web\","
                                         "\"lb.wieght\":\"8\"}",
                               .exposed = ONE},
               &offers);
    assert_int_equal(offers.items[0].options->weight, 7);
    assert_string_equal(offers.items[0].options->network, "web");
    assert_string_equal(offers.remark,
                        "the label \"lb.wieght\" is not known (did you mean lb.weight?)");
    offers_fini(&offers);
}

/* ---- routes and services -------------------------------------------------------------------- */

/* "port:service,service" of each offer, and then the hosts with the services that they lead to. */
static void check_routed_by(const struct dialect_settings *settings, const struct words *words,
                            const char *expected)
{
    struct offers offers;
    struct text got = TEXT_INIT;
    read_words_by(settings, words, &offers);
    for (size_t i = 0; i < offers.count; i++) {
        text_appendf(&got, "%s%u:%s", i > 0 ? " " : "", offers.items[i].port,
                     offers.items[i].service);
        for (size_t j = 0; j < offers.items[i].other_count; j++)
            text_appendf(&got, ",%s", offers.items[i].others[j].name);
    }
    for (size_t i = 0; i < offers.route_count; i++)
        text_appendf(&got, " %.*s>%.*s", (int)offers.routes[i].host.text.len,
                     offers.routes[i].host.text.ptr, (int)offers.routes[i].service.len,
                     offers.routes[i].service.ptr);
    if (offers.fault_detail || offers.disabled_by)
        text_appendf(&got, " %s",
                     offers.disabled_by ? offers.disabled_by : left_out_reason_word(offers.fault));
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
    offers_fini(&offers);
}

static void check_routed(const struct words *words, const char *expected)
{
    check_routed_by(NULL, words, expected);
}

static void test_ports_serve_in_what_dialects_claim(void **state)
{
    (void)state;
    check_routed(&(struct words){.labels = "{\"lb.host\":\"l.test\",\"lb.x.host\":\"x.test\","
                                           "\"lb.x.port\":\"81\"}",
                                 .environment = "[\"VIRTUAL_HOST=v.test\"]",
                                 .exposed = ONE},
                 "80:shop,l.test,v.test 81:x l.test>l.test x.test>x v.test>v.test");
    check_routed(&(struct words){.labels = "{\"traefik.http.routers.r.rule\":\"Host(`t.test`)\"}",
                                 .environment = "[\"SERVICE_TAGS=urlprefix-f.test/\"]",
                                 .exposed = TWO},
                 "80:shop,its-name@docker,f.test t.test>its-name@docker f.test>f.test");
    check_routed(&(struct words){.labels = "{\"lb.port\":\"9\"}",
                                 .environment = "[\"VIRTUAL_HOST=v.test\",\"VIRTUAL_PORT=90\"]"},
                 "9:shop 90:v.test v.test>v.test");
}

/* By any dialect's word, for the container or for its port. */
static void test_site_has_the_service_that_somebody_has_named(void **state)
{
    static const struct words cases[] = {
        {.labels = "{\"lb.host\":\"l.test,m.test\",\"lb.service\":\"n\"}", .exposed = ONE},
        {.labels = "{\"lb.host\":\"l.test,m.test\",\"SERVICE_NAME\":\"n\"}", .exposed = ONE},
        {.labels = "{\"lb.host\":\"l.test,m.test\"}",
         .environment = "[\"SERVICE_80_NAME=n\"]",
         .exposed = ONE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_routed(&cases[i], "80:n l.test>n m.test>n");
    check_routed(
        &(struct words){.labels = "{\"lb.host\":\"l.test\",\"lb.path\":\"/a\"}", .exposed = ONE},
        "80:shop,l.test/a l.test>l.test/a");
}

/* With their own tags, or those for all; one that is left out has neither. */
static void test_each_port_that_registrator_names_is_offered(void **state)
{
    (void)state;
    check_routed(
        &(struct words){.environment = "[\"SERVICE_443_NAME=tls\",\"SERVICE_80_NAME=web\"]",
                        .exposed = TWO},
        "80:web 443:tls");
    check_routed(&(struct words){.labels = "{\"SERVICE_80_NAME\":\"web\",\"SERVICE_81_NAME\":"
                                           "\"api\",\"SERVICE_82_NAME\":\"ajp\","
                                           "\"SERVICE_82_IGNORE\":\"yes\"}",
                                 .environment = "[\"SERVICE_TAGS=urlprefix-f.test/\","
                                                "\"SERVICE_81_TAGS=urlprefix-api.test/\"]"},
                 "80:web,f.test 81:api,api.test f.test>f.test api.test>api.test");
    check_routed(&(struct words){.environment = "[\"SERVICE_80_NAME=a\",\"SERVICE_81_NAME=b\","
                                                "\"SERVICE_TAGS=urlprefix-f.test/\"]"},
                 "80:a,f.test 81:b,f.test f.test>f.test f.test>f.test");
    check_routed(&(struct words){.environment = "[\"SERVICE_81_NAME=b\",\"SERVICE_81_IGNORE=1\"]",
                                 .exposed = ONE},
                 "80:shop");
    check_routed(&(struct words){.environment = "[\"SERVICE_8080_TAGS=urlprefix-f.test/a\"]"},
                 "8080:shop,f.test/a f.test>f.test/a");
    check_routed(
        &(struct words){.labels = "{\"lb.port\":\"9\"}",
                        .environment = "[\"SERVICE_443_NAME=tls\",\"SERVICE_80_NAME=web\"]"},
        "9:shop");
}

static void test_claimed_port_is_one_where_no_other_is_known(void **state)
{
    (void)state;
    check_routed(&(struct words){.labels = "{\"lb.host\":\"l.test\"}",
                                 .environment = "[\"VIRTUAL_HOST=v.test\"]"},
                 "80:shop,v.test l.test>l.test v.test>v.test");
    check_routed(&(struct words){.labels = "{\"lb.x.host\":\"l.test\"}"},
                 "0:shop l.test>x no_port");
}

static void test_container_that_is_left_out_has_no_routes(void **state)
{
    (void)state;
    check_routed(
        &(struct words){.labels = "{\"lb.enable\":\"0\",\"lb.host\":\"l.test\"}", .exposed = ONE},
        "80:shop,l.test lb.enable=0");
    check_routed(&(struct words){.labels = "{\"traefik.enable\":\"false\"}", .exposed = ONE},
                 "80:shop traefik.enable=false");
    check_routed(&(struct words){.labels = "{\"traefik.enable\":\"false\",\"lb.enable\":\"1\"}",
                                 .exposed = ONE},
                 "80:shop");
}

static void test_silenced_dialects_are_not_heard(void **state)
{
    struct dialect_settings settings = {.silenced = 1u << 1 | 1u << 3};
    (void)state;
    assert_string_equal(dialect_word_at(1), "nginx-proxy");
    assert_string_equal(dialect_word_at(3), "registrator");
    assert_null(dialect_word_at(5));
    check_routed_by(&settings,
                    &(struct words){.labels = "{\"lb.host\":\"l.test\"}",
                                    .environment = "[\"VIRTUAL_HOST=v.test\",\"SERVICE_80_NAME=n\","
                                                   "\"SERVICE_443_IGNORE=1\"]",
                                    .exposed = TWO},
                    "80:shop,l.test l.test>l.test");
    settings.silenced = 31;
    check_routed_by(&settings,
                    &(struct words){.labels = "{\"lb.host\":\"l.test\"}", .exposed = ONE},
                    "80:shop");
}

static void test_list_of_dialects(void **state)
{
    static const struct {
        const char *list, *wrong; /* NULL: it is right */
        unsigned silenced;
    } cases[] = {
        {"all", NULL, 0},
        {"lb", NULL, 30},
        {" traefik , lb", NULL, 26},
        {"lb,all", NULL, 0},
        {"nginx-proxy", NULL, 29},
        {"registrator,fabio", NULL, 7},
        {"lb,nginx", "nginx", 7},
        {"", "", 7},
        {"lb,", "", 7},
    };
    unsigned silenced = 7;
    struct view wrong;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool is_right = dialect_parse_list(view_str(cases[i].list), &silenced, &wrong);
        assert_int_equal(is_right, cases[i].wrong == NULL);
        assert_int_equal(silenced, cases[i].silenced);
        if (!is_right)
            assert_true(view_eq(wrong, view_str(cases[i].wrong)));
    }
}

static void test_words_may_be_required(void **state)
{
    static const struct dialect_settings settings = {.requires_words = true};
    (void)state;
    check_routed_by(&settings, &(struct words){.exposed = ONE},
                    "80:shop no label that asks for it");
    check_routed_by(&settings,
                    &(struct words){.labels = "{\"lb.enable\":\"true\"}", .exposed = ONE},
                    "80:shop");
    check_routed_by(&settings,
                    &(struct words){.environment = "[\"VIRTUAL_HOST=v\"]", .exposed = ONE},
                    "80:shop,v v>v");
    check_routed_by(&settings,
                    &(struct words){.environment = "[\"SERVICE_NAME=n\"]", .exposed = ONE}, "80:n");
}

static void test_options_of_later_dialects_fill_gaps(void **state)
{
    struct offers offers;
    (void)state;
    read_words(
        &(struct words){.labels =
                            "{\"lb.weight\":\"2\",\"traefik.docker.network\":\"n\","
                            "\"traefik.http.services.s.loadbalancer.server.weight\":\"7\","
                            "\"traefik.http.services.s.loadbalancer.healthcheck.path\":\"/h\"}",
                        .exposed = ONE},
        &offers);
    assert_int_equal(offers.items[0].options->weight, 2);
    assert_string_equal(offers.items[0].options->network, "n");
    assert_string_equal(offers.items[0].options->check.path, "/h");
    offers_fini(&offers);
}

static void check_wish(const struct offers *offers, const char *service, const char *balance)
{
    for (size_t i = 0; i < offers->wish_count; i++)
        if (strcmp(offers->wishes[i].service, service) == 0) {
            assert_true(view_eq(offers->wishes[i].options.values[SERVICE_OPTION_BALANCE],
                                view_str(balance)));
            return;
        }
    fail_msg("nothing is asked of %s", service);
}

static void test_each_dialect_asks_of_its_services(void **state)
{
    struct offers offers;
    (void)state;
    read_words(&(struct words){.labels =
                                   "{\"traefik.http.services.s.loadbalancer.strategy\":\"hrw\","
                                   "\"com.github.nginx-proxy.nginx-proxy.keepalive\":\"disabled\","
                                   "\"com.github.nginx-proxy.nginx-proxy.loadbalance\":"
                                   "\"least_conn;\"}",
                               .environment = "[\"VIRTUAL_HOST=a\"]",
                               .exposed = ONE},
               &offers);
    check_wish(&offers, "s@docker", "hash client");
    check_wish(&offers, "a", "least-requests");
    assert_int_equal(offers.items[0].options->capacity.keepalive, CAPACITY_NO);
    offers_fini(&offers);
}

static void test_all_remarks_are_told(void **state)
{
    struct offers offers;
    (void)state;
    read_words(&(struct words){.labels = "{\"lb.wieght\":\"8\"}",
                               .environment = "[\"VIRTUAL_HOST=a\",\"VIRTUAL_PORT=x\"]",
                               .exposed = ONE},
               &offers);
    assert_non_null(strstr(offers.remark, "lb.wieght"));
    assert_non_null(strstr(offers.remark, "; VIRTUAL_PORT"));
    offers_fini(&offers);
}

/* "80 https, 81 http" */
static void check_protocols(const char *labels, const char *environment, const char *expected)
{
    struct offers offers;
    struct text got = TEXT_INIT;
    read_words(&(struct words){.labels = labels, .environment = environment, .exposed = ONE},
               &offers);
    for (size_t i = 0; i < offers.count; i++)
        text_appendf(&got, "%s%u %s", i > 0 ? ", " : "", offers.items[i].port,
                     offers.items[i].protocol);
    if (offers.fault < LEFT_OUT_REASON_COUNT)
        text_appendf(&got, ", %s", offers.fault_detail);
    if (strcmp(text_str(&got), expected) != 0)
        fail_msg("%s: %s\nexpected: %s", labels, text_str(&got), expected);
    text_fini(&got);
    offers_fini(&offers);
}

static void test_no_port_that_speaks_tls_is_offered_as_http(void **state)
{
    (void)state;
    check_protocols("{}", NULL, "80 http");
    check_protocols("{\"lb.protocol\":\"HTTPS\"}", NULL, "80 https");
    check_protocols("{\"lb.protocol\":\"h2c\",\"lb.upstream.verify\":\"off\"}", NULL, "80 h2c");
    check_protocols("{\"lb.protocol\":\"https\",\"lb.host\":\"a\"}", NULL, "80 https");
    check_protocols("{\"lb.protocol\":\"https\"}", "[\"VIRTUAL_HOST=a\"]", "80 https");
    check_protocols("{\"lb.protocol\":\"http\"}", "[\"VIRTUAL_HOST=a\",\"VIRTUAL_PROTO=https\"]",
                    "80 https");
    check_protocols("{\"lb.x.host\":\"a\",\"lb.x.port\":\"81\",\"lb.x.protocol\":\"https\"}", NULL,
                    "80 http, 81 https");
    check_protocols("{\"lb.x.host\":\"a\",\"lb.x.port\":\"81\",\"lb.protocol\":\"https\"}", NULL,
                    "80 https, 81 http");
    check_protocols(
        "{\"lb.protocol\":\"ftp\"}", NULL,
        "80 http, lb.protocol=\"ftp\" cannot be used: http, https, h2c, tcp or udp is accepted");
    check_protocols(
        "{\"lb.upstream.verify\":\"maybe\"}", NULL,
        "80 http, lb.upstream.verify=\"maybe\" cannot be used: true or false is accepted");
}

/* ---- dialects of the future ----------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_why_this_port),
        cmocka_unit_test(test_why_this_service),
        cmocka_unit_test(test_options_and_remarks_are_passed_on),
        cmocka_unit_test(test_ports_serve_in_what_dialects_claim),
        cmocka_unit_test(test_site_has_the_service_that_somebody_has_named),
        cmocka_unit_test(test_each_port_that_registrator_names_is_offered),
        cmocka_unit_test(test_claimed_port_is_one_where_no_other_is_known),
        cmocka_unit_test(test_container_that_is_left_out_has_no_routes),
        cmocka_unit_test(test_silenced_dialects_are_not_heard),
        cmocka_unit_test(test_list_of_dialects),
        cmocka_unit_test(test_words_may_be_required),
        cmocka_unit_test(test_options_of_later_dialects_fill_gaps),
        cmocka_unit_test(test_each_dialect_asks_of_its_services),
        cmocka_unit_test(test_all_remarks_are_told),
        cmocka_unit_test(test_no_port_that_speaks_tls_is_offered_as_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
