/* What a catalog gets of containers by how they run. Tests that begin with a row's name are of the table of
 * registrator's conventions. */
#include "tests/unit/discovery/docker/enlistment_case.h"

#define HTTP_CHECK "[\"SERVICE_CHECK_HTTP=/health\"]"

static void expect_why_none(const char *name, const char *part)
{
    world_take();
    world_expect_remark(name, part);
    assert_true(world.out.remarks[0].is_news);
    world_take();
    assert_int_equal(world.out.remark_count, 0); /* told once */
}

static void the_log_says_why_there_is_no_entry(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = "{}"});
    expect_why_none("web1", "--publish");
    world_run('a', (struct run){.exposed = "{\"8001/tcp\":{}}"});
    expect_why_none("web1", "none of its ports is published");
    world_run('a', (struct run){.ports = PORT_8001, .environment = "[\"SERVICE_8001_IGNORE=1\"]"});
    expect_why_none("web1", "SERVICE_<port>_IGNORE");
    world.settings.is_explicit = true;
    world_run('a', (struct run){.ports = PORT_8001, .environment = "[\"X=1\"]"});
    expect_why_none("web1", "SERVICE_NAME");
}

/* ---- words ---------------------------------------------------------------------------------- */

static void R6_ignored(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001, .environment = "[\"SERVICE_IGNORE=false\"]"});
    world_run('b', (struct run){.ports = PORT_8001, .labels = "{\"lb.enable\":\"no\"}"});
    world_run('c',
              (struct run){.name = "/c", .labels = "{\"lb.enable\":\"yes\"}", .ports = PORT_8001});
    world_expect("h1:c:8001 shop :32768");
}

static void R7_tags_of_all(void **state)
{
    (void)state;
    world.settings.tags = "x, y";
    world_run('a', (struct run){.ports = PORT_8001, .environment = "[\"SERVICE_TAGS=a,b\\\\,c\"]"});
    world_expect("h1:web1:8001 shop :32768 [a] [b,c] [x] [y]");
}

static void R8_udp(void **state)
{
    (void)state;
    world_run('a', (struct run){.environment = "[\"SERVICE_CHECK_TCP=true\"]",
                                .ports = "{\"53/udp\":[{\"HostIp\":\"\",\"HostPort\":\"5353\"}]}"});
    world_expect("h1:web1:53:udp shop :5353 [udp]");
    assert_true(world.out.items[0].is_udp);
}

/* The first one counts; the registrar tells of the other. */
static void R9_one_id_for_two_ports(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = TWO_PORTS, .environment = "[\"SERVICE_ID=x\"]"});
    world_take();
    assert_string_equal(world.out.items[0].id, "x");
    assert_int_equal(world.out.items[0].container_port, 80);
}

static void R9_one_id_for_two_containers(void **state)
{
    (void)state;
    world_run('b', (struct run){
                       .name = "/second", .ports = PORT_8001, .environment = "[\"SERVICE_ID=x\"]"});
    world_run('a', (struct run){
                       .name = "/first", .ports = PORT_8001, .environment = "[\"SERVICE_ID=x\"]"});
    world_take();
    assert_string_equal(world.out.items[0].container_name, "first");
}

static void R13_words_without_end(void **state)
{
    struct text environment = TEXT_INIT;
    (void)state;
    text_append_str(&environment, "[\"SERVICE_NAME=app\"");
    for (int i = 0; i < 300; i++)
        text_appendf(&environment, ",\"SERVICE_W%d=1\"", i);
    text_append_str(&environment, ",\"SERVICE_LONG=");
    for (int i = 0; i < 1 << 20; i++)
        text_append_char(&environment, 'x');
    text_append_str(&environment, "\"]");
    world_run('a', (struct run){.ports = PORT_8001, .environment = text_str(&environment)});
    world_expect("h1:web1:8001 app :32768");
    assert_int_equal(json_object_size(world.out.items[0].meta), 61);
    world_expect_remark("web1", "are looked at");
    world_expect_remark("web1", "64 pairs");
    text_fini(&environment);
}

static void R23_explicit(void **state)
{
    (void)state;
    world.settings.is_explicit = true;
    world_run('a', (struct run){.ports = PORT_8001});
    world_run('b', (struct run){.ports = PORT_8001, .environment = "[\"SERVICE_NAME=app\"]"});
    world_expect("h1:web1:8001 app :32768");
}

/* ---- how it lives --------------------------------------------------------------------------- */

static void HEALTHCHECK_is_a_check(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001, .health = "starting"});
    world_run('b', (struct run){.name = "/b", .ports = PORT_8001, .health = "healthy"});
    world_run(
        'c', (struct run){.name = "/c", .ports = PORT_8001, .health = "unhealthy", .output = "no"});
    world_run('d', (struct run){.name = "/d",
                                .ports = PORT_8001,
                                .health = "unhealthy",
                                .labels = "{\"lb.health\":\"ignore\"}"});
    world_run('e', (struct run){.name = "/e",
                                .ports = PORT_8001,
                                .health = "healthy",
                                .environment = "[\"SERVICE_CHECK_DEREGISTER_AFTER=5m\"]"});
    world_take();
    const char *got = world_write();
    assert_non_null(strstr(got, "h1:web1:8001 shop :32768 health=warning"));
    assert_non_null(strstr(got, "h1:b:8001 shop :32768 health=passing; "));
    assert_non_null(strstr(got, "h1:c:8001 shop :32768 health=critical (exit code 1: no); "));
    assert_null(strstr(got, "h1:d:8001 shop :32768 health"));
    assert_non_null(strstr(got, "h1:e:8001 shop :32768 health=passing after=5m; "));
}

static void words_for_a_check_win_over_HEALTHCHECK(void **state)
{
    (void)state;
    world_run('a',
              (struct run){.ports = PORT_8001, .health = "healthy", .environment = HTTP_CHECK});
    world_expect("h1:web1:8001 shop :32768 "
                 "{\"HTTP\":\"http://127.0.0.1:32768/health\",\"Interval\":\"10s\"}");
}

static void R19_a_program_is_refused_and_HEALTHCHECK_counts(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001,
                                .health = "healthy",
                                .environment = "[\"SERVICE_CHECK_SCRIPT=curl $SERVICE_IP\"]"});
    world_expect("h1:web1:8001 shop :32768 health=passing");
    world_expect_remark("web1", "SERVICE_CHECK_SCRIPT is not followed");
}

/* lb looks into the body, from where it stands: at the container, which others reach at the host. */
static void a_text_in_the_body_is_looked_for_by_lb(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001,
                                .networks = "back=10.1.0.2",
                                .environment = "[\"SERVICE_CHECK_HTTP=/\","
                                               "\"SERVICE_CHECK_TEXT=Hello World\","
                                               "\"SERVICE_CHECK_INTERVAL=3s\"]"});
    world_expect(
        "h1:web1:8001 shop :32768 probe=GET http://10.1.0.2:8001/ \"Hello World\" 3000/10000");
}

static void a_stop_drains(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001});
    world_event(DOCKER_EVENT_KILL, 'a', 0);
    world_expect("h1:web1:8001 shop :32768 draining");
    world_event(DOCKER_EVENT_DIE, 'a', 0);
    world_expect("");
}

static void lb_labels_weigh_and_drain(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001, .labels = "{\"lb.weight\":\"5\"}"});
    world_run('b',
              (struct run){.name = "/b", .ports = PORT_8001, .labels = "{\"lb.weight\":\"0\"}"});
    world_run('c',
              (struct run){.name = "/c", .ports = PORT_8001, .labels = "{\"lb.drain\":\"true\"}"});
    world_expect("h1:b:8001 shop :32768 draining; h1:c:8001 shop :32768 draining; "
                 "h1:web1:8001 shop :32768 *5");
}

static void a_paused_one_gets_no_requests(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001, .health = "healthy", .is_paused = true});
    world_expect("h1:web1:8001 shop :32768 health=critical (paused) draining");
    world_event(DOCKER_EVENT_UNPAUSE, 'a', 0);
    world_expect("h1:web1:8001 shop :32768 health=passing");
}

static void R30_an_end_with_an_error_stays(void **state)
{
    static const struct {
        int code;
        bool stays;
    } ends[] = {{0, false}, {1, true}, {127, true}, {128, false}, {137, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        world.settings.only_on_success = true;
        world_event(DOCKER_EVENT_START, 'a', 0);
        world_run('a', (struct run){.ports = PORT_8001, .health = "healthy"});
        world_expect("h1:web1:8001 shop :32768 health=passing");
        world_event(DOCKER_EVENT_DIE, 'a', ends[i].code);
        if (ends[i].code != 0) /* what the engine then tells has no ports */
            world_run('a', (struct run){.health = "healthy", .ended_with = ends[i].code});
        char expected[200] = "";
        if (ends[i].stays)
            snprintf(expected, sizeof(expected),
                     "h1:web1:8001 shop :32768 health=critical (ended with exit code %d) draining",
                     ends[i].code);
        world_expect(expected);
        world.settings.only_on_success = false;
        world_expect("");
    }
}

static void R30_it_goes_with_the_container(void **state)
{
    (void)state;
    world.settings.only_on_success = true;
    struct member *member = world_run('a', (struct run){.ports = PORT_8001});
    world_take();
    world_event(DOCKER_EVENT_DIE, 'a', 1);
    world_expect("h1:web1:8001 shop :32768 (ended with exit code 1) draining");
    roster_remove(&world.roster, member);
    world_expect("");
}

static void what_does_not_run_is_not_there(void **state)
{
    struct engine_id id = fixture_id('a');
    struct member *member;
    (void)state;
    roster_take_listing(&world.roster,
                        &(struct listing){.id = id,
                                          .name = "web1",
                                          .state = "running",
                                          .image = "x",
                                          .is_alive = true,
                                          .fingerprint = 1},
                        0, false, &member);
    world_expect(""); /* nothing is known of it yet */
    roster_take_failure(&world.roster, member, 5, false);
    world_expect("");
}

/* ---- what stays ------------------------------------------------------------------------------ */

static void entries_are_made_anew_only_when_they_change(void **state)
{
    (void)state;
    struct member *member = world_run('a', (struct run){.ports = PORT_8001});
    world_take();
    member->enlisted->ports[0].id[0] = 'H'; /* it would be "h" if it were made anew */
    world_event(DOCKER_EVENT_PAUSE, 'a', 0);
    world_run('b', (struct run){.name = "/b", .ports = PORT_8001});
    world_take();
    assert_string_equal(world.out.items[0].id, "H1:web1:8001");
    container_rename(member->container, "/other");
    world_expect("h1:b:8001 shop :32768; h1:other:8001 shop :32768 (paused) draining");
    world_run('a', (struct run){.ports = TWO_PORTS});
    world_expect("h1:b:8001 shop :32768; h1:web1:443 shop-443 :8443; h1:web1:80 shop-80 :8080");
    enlistment_take(&world.enlistment, &world.roster, &world.vantage, "h2", "ENGINE", &world.out);
    assert_string_equal(world.out.items[0].id, "h2:b:8001");
}

static void a_name_that_nobody_gave(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001, .image = "sha256:0123456789ab"});
    world_run('b',
              (struct run){.name = "/b", .image = "reg:5000/x/y:1@sha256:00", .ports = PORT_8001});
    world_expect("h1:b:8001 y :32768; h1:web1:8001 web1 :32768");
}

static void ranges_of_ports_are_bounded(void **state)
{
    struct text ports = TEXT_INIT;
    (void)state;
    text_append_str(&ports, "{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"80\"}]");
    for (int i = 10000; i < 10200; i++)
        text_appendf(&ports, ",\"%d/udp\":[{\"HostIp\":\"\",\"HostPort\":\"%d\"}]", i, i);
    text_append_str(&ports, "}");
    world_run('a', (struct run){.ports = text_str(&ports)});
    world_take();
    assert_int_equal(world.out.count, 64);
    assert_string_equal(world.out.items[63].id, "h1:web1:80");
    world_expect_remark("web1", "more than 64 ports");
    text_fini(&ports);
}

/* Hostile images expose ranges, by the thousand. */
static void all_of_them_are_bounded(void **state)
{
    struct text exposed = TEXT_INIT;
    (void)state;
    world.settings.is_internal = true;
    for (int i = 1; i <= 64; i++)
        text_appendf(&exposed, "%s\"%d/tcp\":{}", i > 1 ? "," : "{", i);
    text_append_str(&exposed, "}");
    for (int i = 0; i < 157; i++) {
        char name[16];
        snprintf(name, sizeof(name), "/c%03d", i);
        struct container *container =
            world_container(&(struct run){.name = name, .exposed = text_str(&exposed)}, 'a');
        snprintf(container->id.text, sizeof(container->id.text), "%064x", i);
        world_admit(container);
    }
    world_take();
    assert_int_equal(world.out.count, 10000);
    world_expect_remark("c156", "no more than 10000 ports");
    assert_int_equal(world.out.remark_count, 1);
    text_fini(&exposed);
}

static void HEALTHCHECK_that_is_ignored_says_nothing(void **state)
{
    (void)state;
    world_run('a', (struct run){.ports = PORT_8001,
                                .health = "unhealthy",
                                .output = "no",
                                .labels = "{\"lb.health\":\"ignore\"}"});
    world_expect("h1:web1:8001 shop :32768");
    assert_int_equal(world.out.items[0].health, REGISTRATION_PASSING);
}

static void a_word_without_end_costs_only_itself(void **state)
{
    struct text environment = TEXT_INIT;
    (void)state;
    text_append_str(&environment, "[\"SERVICE_NAME=app\",\"SERVICE_TAGS=");
    for (int i = 0; i < 20000; i++)
        text_append_char(&environment, 'x');
    text_append_str(&environment, "\",\"SERVICE_REGION=eu\"]");
    world_run('a', (struct run){.ports = PORT_8001, .environment = text_str(&environment)});
    world_expect("h1:web1:8001 app :32768");
    assert_int_equal(json_object_size(world.out.items[0].meta), 1);
    world_expect_remark("web1", "are looked at");
    text_fini(&environment);
}

/* ---- lb itself ------------------------------------------------------------------------------- */

static void lb_on_the_host_is_an_entry(void **state)
{
    (void)state;
    world.settings.self_name = "proxy";
    world_expect(""); /* nobody says where it listens */
    world.settings.self_port = 8080;
    world.settings.self_name = NULL;
    world_expect("");
    world.settings.self_name = "proxy";
    world.settings.tags = "edge, a";
    world_expect("h1:proxy:8080 proxy :8080 [edge] [a]");
    assert_null(world.out.items[0].container);
    world.settings.self_check = "http://127.0.0.1:9000/readyz";
    world.settings.advertise = "192.0.2.7";
    world_expect("h1:proxy:8080 proxy 192.0.2.7:8080 [edge] [a] "
                 "probe=GET http://127.0.0.1:9000/readyz \"\" 10000/5000");
    world.vantage.on_host = false; /* one of several containers of one network, who knows which */
    world_expect("");
}

static void lb_in_a_container_is_that_one(void **state)
{
    (void)state;
    world.settings.self_name = "proxy";
    world.settings.self_port = 8080;
    world.settings.self_check = "http://127.0.0.1:9000/readyz";
    world.settings.is_explicit = true;
    world.vantage.id = world.vantage.network_id = fixture_id('a');
    world.vantage.on_host = false;
    world_run('a',
              (struct run){.name = "/lb", .image = "lb", .ports = PORT_8001, .health = "healthy"});
    world_expect("h1:lb:8001 proxy :32768 probe=GET http://127.0.0.1:9000/readyz \"\" 10000/5000");
    world_run('a', (struct run){.name = "/lb",
                                .ports = PORT_8001,
                                .environment = "[\"SERVICE_NAME=edge\",\"SERVICE_CHECK_TCP=1\"]"});
    world_expect("h1:lb:8001 edge :32768 {\"Interval\":\"10s\",\"TCP\":\"127.0.0.1:32768\"}");
    world.settings.self_name = "";
    world_expect("");
    world.settings.self_name = "proxy";
    world_run('a', (struct run){.ports = PORT_8001, .labels = "{\"SERVICE_IGNORE\":\"1\"}"});
    world_expect("");
}

/* However many ports it has published or exposes. */
static void lb_in_a_container_is_one_entry(void **state)
{
    (void)state;
    world.settings.self_name = "proxy";
    world.settings.self_port = 80;
    world.vantage.id = world.vantage.network_id = fixture_id('a');
    world_run('a', (struct run){.name = "/lb", .image = "lb", .ports = TWO_PORTS});
    world_expect("h1:lb:80 proxy :8080");
    world_run('a', (struct run){.name = "/lb",
                                .image = "lb",
                                .ports = TWO_PORTS,
                                .environment = "[\"SERVICE_443_NAME=secure\"]"});
    world_expect("h1:lb:443 secure :8443; h1:lb:80 proxy :8080");
    world_run('a',
              (struct run){.name = "/lb",
                           .image = "lb",
                           .ports = TWO_PORTS,
                           .environment = "[\"SERVICE_80_NAME=edge\",\"SERVICE_443_IGNORE=1\"]"});
    world_expect("h1:lb:80 edge :8080");
    world.settings.self_port = 8000; /* which it has not published */
    world_run('a', (struct run){.name = "/lb", .image = "lb", .ports = TWO_PORTS});
    world_expect("h1:lb:443 proxy-443 :8443; h1:lb:80 proxy-80 :8080");
}

static void lb_on_the_hosts_network_is_where_it_listens(void **state)
{
    (void)state;
    world.settings.self_name = "proxy";
    world.settings.self_port = 8080;
    world.vantage.id = fixture_id('a');
    world_run('a', (struct run){.name = "/lb", .mode = "host", .exposed = "{\"80/tcp\":{}}"});
    world_expect("h1:lb:8080 proxy :8080");
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(the_log_says_why_there_is_no_entry),
        ROW(R6_ignored),
        ROW(R7_tags_of_all),
        ROW(R8_udp),
        ROW(R9_one_id_for_two_ports),
        ROW(R9_one_id_for_two_containers),
        ROW(R13_words_without_end),
        ROW(R19_a_program_is_refused_and_HEALTHCHECK_counts),
        ROW(R23_explicit),
        ROW(R30_an_end_with_an_error_stays),
        ROW(R30_it_goes_with_the_container),
        ROW(HEALTHCHECK_is_a_check),
        ROW(words_for_a_check_win_over_HEALTHCHECK),
        ROW(a_text_in_the_body_is_looked_for_by_lb),
        ROW(a_stop_drains),
        ROW(lb_labels_weigh_and_drain),
        ROW(a_paused_one_gets_no_requests),
        ROW(what_does_not_run_is_not_there),
        ROW(entries_are_made_anew_only_when_they_change),
        ROW(a_name_that_nobody_gave),
        ROW(ranges_of_ports_are_bounded),
        ROW(a_word_without_end_costs_only_itself),
        ROW(all_of_them_are_bounded),
        ROW(HEALTHCHECK_that_is_ignored_says_nothing),
        ROW(lb_on_the_host_is_an_entry),
        ROW(lb_in_a_container_is_that_one),
        ROW(lb_in_a_container_is_one_entry),
        ROW(lb_on_the_hosts_network_is_where_it_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
