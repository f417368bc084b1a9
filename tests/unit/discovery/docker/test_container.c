#include "discovery/docker/container.h"

#include <signal.h>

#include "tests/unit/discovery/fixture.h"

static void test_running(void **state)
{
    struct container *c = fixture_container("inspect.running");
    (void)state;
    assert_string_equal(c->name, "rx1");
    assert_string_equal(c->image, "rx-tsrv");
    assert_string_equal(c->status, "running");
    assert_true(c->running);
    assert_false(c->paused);
    assert_int_equal(c->health, CONTAINER_HEALTH_NONE);
    assert_int_equal(c->stop_signal, SIGTERM);
    assert_int_equal(c->stop_timeout_s, 10);
    assert_int_equal(c->offers.items[0].port, 8080);
    assert_int_equal(c->network_count, 1);
    assert_string_equal(c->networks[0].name, "bridge");
    assert_string_equal(c->networks[0].ip, "172.17.0.2");
    assert_string_equal(c->networks[0].gateway, "172.17.0.1");
    assert_int_equal(c->binding_count, 1);
    assert_int_equal(c->bindings[0].host_port, 18080);
    assert_string_equal(c->bindings[0].host_ip, "127.0.0.1");
    assert_string_equal(c->offers.items[0].service, "web");
    container_free(c);
}

static void test_shapes(void **state)
{
    struct container *c = fixture_container("inspect.exited");
    (void)state;
    assert_false(c->running); /* though its IPAddress is still there */
    container_free(c);
    c = fixture_container("inspect.paused");
    assert_true(c->running && c->paused);
    container_free(c);
    c = fixture_container("inspect.healthy");
    assert_int_equal(c->health, CONTAINER_HEALTH_HEALTHY);
    container_free(c);
    c = fixture_container("inspect.t-host");
    assert_true(c->is_host_network);
    assert_string_equal(c->networks[0].ip, "");
    container_free(c);
    c = fixture_container("inspect.t-share");
    assert_string_equal(c->network_owner,
                        "230f5a795c87bc4d67792cef3ac74931bd0933d0e54b61a3bfa2c23e825c1e94");
    assert_int_equal(c->network_count, 0);
    container_free(c);
}

static void test_networks_and_bindings_are_sorted(void **state)
{
    struct container *c = fixture_container("inspect.t-multi");
    (void)state;
    assert_int_equal(c->network_count, 2);
    assert_string_equal(c->networks[0].name, "bridge");
    assert_string_equal(c->networks[1].name, "rxnet");
    assert_int_equal(c->offers.items[0].port, 8080);
    assert_int_equal(c->binding_count, 3);
    assert_string_equal(c->bindings[0].host_ip, "127.0.0.1");
    assert_string_equal(c->bindings[1].host_ip, "0.0.0.0");
    assert_string_equal(c->bindings[2].host_ip, "::");
    container_free(c);
}

/* An inspect with some parts of the test's own. */
static struct container *make(const char *state, const char *config, const char *network)
{
    char text[4096];
    struct engine_id id = fixture_id('1');
    snprintf(text, sizeof(text),
             "{\"Id\":\"%s\",\"Name\":\"/x\",\"State\":%s,\"Config\":%s,\"NetworkSettings\":%s}",
             id.text, state, config, network);
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    struct container *container = container_from_inspect(document, NULL);
    json_decref(document);
    return container;
}

/* The engine says "unhealthy" of every paused container, without failures to show for it. */
static void test_unhealthy_without_failures_is_not_believed(void **state)
{
    static const struct {
        const char *health;
        enum container_health expected;
    } cases[] = {
        {"{\"Status\":\"unhealthy\",\"FailingStreak\":0,\"Log\":[{\"ExitCode\":0}]}",
         CONTAINER_HEALTH_HEALTHY},
        {"{\"Status\":\"unhealthy\",\"FailingStreak\":1,\"Log\":[{\"ExitCode\":0},{\"ExitCode\":1}]"
         "}",
         CONTAINER_HEALTH_HEALTHY},
        {"{\"Status\":\"unhealthy\",\"FailingStreak\":0,\"Log\":[]}", CONTAINER_HEALTH_STARTING},
        {"{\"Status\":\"unhealthy\",\"FailingStreak\":2,\"Log\":[{\"ExitCode\":1}]}",
         CONTAINER_HEALTH_UNHEALTHY},
        {"{\"Status\":\"unhealthy\"}", CONTAINER_HEALTH_UNHEALTHY},
        {"{\"Status\":\"starting\"}", CONTAINER_HEALTH_STARTING},
        {"{\"Status\":\"healthy\"}", CONTAINER_HEALTH_HEALTHY},
        {"{\"Status\":\"none\"}", CONTAINER_HEALTH_NONE},
        {"[]", CONTAINER_HEALTH_NONE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        snprintf(text, sizeof(text), "{\"Running\":true,\"Health\":%s}", cases[i].health);
        struct container *c = make(text, "{\"Healthcheck\":{\"Retries\":2}}", "{}");
        assert_int_equal(c->health, cases[i].expected);
        container_free(c);
    }
}

static void test_what_its_last_check_said(void **state)
{
    static const struct {
        const char *log, *expected;
    } cases[] = {
        {"[]", NULL},
        {"[{\"ExitCode\":1,\"Output\":\"old\"},{\"ExitCode\":0,\"Output\":\"fine\"}]", NULL},
        {"[{\"ExitCode\":0},{\"ExitCode\":7,\"Output\":\" no\\n\\t db\\u001b[2J \\n\"}]",
         "exit code 7: no db?[2J"},
        {"[{\"ExitCode\":1,\"Output\":\"\"}]", "exit code 1"},
        {"[{\"ExitCode\":1,\"Output\":[]}]", "exit code 1"},
        {"[7]", NULL},
        {"{}", NULL},
    };
    char text[400];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "{\"Running\":true,\"Health\":{\"Log\":%s}}", cases[i].log);
        struct container *c = make(text, "{}", "{}");
        if (cases[i].expected)
            assert_string_equal(c->health_output, cases[i].expected);
        else
            assert_null(c->health_output);
        container_free(c);
    }
}

static void test_how_it_ended(void **state)
{
    struct container *c = make("{\"Status\":\"exited\",\"ExitCode\":137,\"OOMKilled\":true,"
                               "\"Error\":\"no\\nway\"}",
                               "{}", "{}");
    (void)state;
    assert_true(c->has_autopsy && c->was_oom_killed && c->has_exit_code);
    assert_string_equal(c->error, "no way");
    container_free(c);
    c = make("{\"Status\":\"created\",\"ExitCode\":127,\"Error\":5}", "{}", "{}");
    assert_true(!c->has_autopsy && !c->has_exit_code && !c->error);
    container_free(c);
    c = make("{\"Status\":\"running\",\"Running\":true,\"OOMKilled\":true,\"Error\":\"x\"}", "{}",
             "{}");
    assert_true(!c->has_autopsy && !c->was_oom_killed && !c->error);
    container_free(c);
}

static void test_restarting_is_not_running(void **state)
{
    struct container *c = make("{\"Running\":true,\"Restarting\":true}", "{}", "{}");
    (void)state;
    assert_false(c->running);
    container_free(c);
}

static void test_stop(void **state)
{
    struct container *c = make("{}", "{\"StopSignal\":\"SIGRTMIN+3\",\"StopTimeout\":30}", "{}");
    (void)state;
    assert_int_equal(c->stop_signal, 37);
    assert_int_equal(c->stop_timeout_s, 30);
    container_free(c);
    c = make("{}", "{\"StopSignal\":3,\"StopTimeout\":9223372036854775807}", "{}");
    assert_int_equal(c->stop_signal, SIGTERM);
    assert_int_equal(c->stop_timeout_s, 86400);
    container_free(c);
}

static void test_ports(void **state)
{
    struct container *c = make("{}",
                               "{\"ExposedPorts\":{\"9000/tcp\":{},\"53/udp\":{},\"80/tcp\":{},"
                               "\"x/tcp\":{},\"0/tcp\":{},\"443\":{}}}",
                               "{}");
    (void)state;
    assert_int_equal(c->offers.items[0].port, 80);
    container_free(c);
}

/* Whole ranges of UDP are published, and there is room for so many only. */
static void test_published_ports_of_udp(void **state)
{
    struct text network = TEXT_INIT;
    text_append_str(&network, "{\"Ports\":{");
    for (int i = 0; i < 300; i++)
        text_appendf(&network, "\"%d/udp\":[{\"HostPort\":\"%d\"}],", 10000 + i, 20000 + i);
    text_append_str(&network,
                    "\"10001/tcp\":[{\"HostPort\":\"81\"}],\"1/sctp\":[{\"HostPort\":\"1\"}]}}");
    json_t *parts = json_loads(text_str(&network), 0, NULL);
    json_t *root = json_pack("{s:s,s:{s:b},s:o}", "Id", fixture_id('1').text, "State", "Running", 1,
                             "NetworkSettings", parts);
    struct container *c = container_from_inspect(root, NULL);
    (void)state;
    assert_int_equal(c->binding_count, CONTAINER_BINDINGS_MAX);
    size_t tcp_count = 0;
    for (size_t i = 0; i < c->binding_count; i++) {
        tcp_count += !c->bindings[i].is_udp;
        assert_int_equal(c->bindings[i].host_port,
                         c->bindings[i].is_udp ? c->bindings[i].port + 10000 : 81);
        assert_true(i == 0 || c->bindings[i].port > c->bindings[i - 1].port ||
                    (c->bindings[i].is_udp && !c->bindings[i - 1].is_udp));
    }
    assert_int_equal(tcp_count, 1);
    container_free(c);
    json_decref(root);
    text_fini(&network);
}

static void test_ipv6_only(void **state)
{
    struct container *c = make("{}", "{}",
                               "{\"Networks\":{\"six\":{\"IPAddress\":\"\","
                               "\"GlobalIPv6Address\":\"fd00::0:7\",\"NetworkID\":\"zz\"}}}");
    (void)state;
    assert_string_equal(c->networks[0].ip, "fd00::7");
    container_free(c);
}

/* Every value of a real answer replaced by every type: never a crash, never an invalid address. */
static void replace_all(json_t *root, json_t *node, json_t *with)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe (node, next, key, value) {
        json_incref(value);
        json_object_set(node, key, with);
        struct container *c = container_from_inspect(root, NULL);
        for (size_t i = 0; c && i < c->network_count; i++)
            assert_null(strchr(c->networks[i].ip, ' '));
        container_free(c);
        json_object_set_new(node, key, value);
        replace_all(root, value, with);
    }
}

static void test_wrong_types(void **state)
{
    static const char *const values[] = {"null",
                                         "true",
                                         "-1",
                                         "1e300",
                                         "\"\"",
                                         "\"a b\\n\"",
                                         "[]",
                                         "[1]",
                                         "{}",
                                         "{\"a\":{\"b\":1}}",
                                         "[[{\"HostPort\":\"1\"}]]"};
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        json_t *root = fixture_load("inspect.t-multi");
        json_t *with = json_loads(values[i], JSON_DECODE_ANY, NULL);
        assert_null(container_from_inspect(with, NULL));
        replace_all(root, root, with);
        json_decref(with);
        json_decref(root);
    }
}

static void test_counts_are_bounded(void **state)
{
    json_t *networks = json_object(), *ports = json_object(), *bindings = json_array();
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "net%d", i);
        json_object_set_new(networks, name, json_pack("{s:s}", "IPAddress", "10.0.0.1"));
        json_array_append_new(bindings, json_pack("{s:s,s:s}", "HostIp", "", "HostPort", "80"));
    }
    json_object_set_new(ports, "80/tcp", bindings);
    struct engine_id id = fixture_id('2');
    json_t *root = json_pack("{s:s,s:{},s:{s:o,s:o}}", "Id", id.text, "State", "NetworkSettings",
                             "Networks", networks, "Ports", ports);
    struct container *c = container_from_inspect(root, NULL);
    assert_int_equal(c->network_count, CONTAINER_NETWORKS_MAX);
    assert_int_equal(c->binding_count, CONTAINER_BINDINGS_MAX);
    container_free(c);
    json_decref(root);
}

/* The network that the words lead to, of a container on `networks`, with blanks between. */
static void check_network(const char *labels, const char *networks, const char *expected)
{
    json_t *attached = json_object();
    struct view rest = view_str(networks);
    while (rest.len > 0) {
        struct view name = view_cut(&rest, ' ');
        char key[64];
        snprintf(key, sizeof(key), "%.*s", (int)name.len, name.ptr);
        json_object_set_new(attached, key, json_pack("{s:s}", "IPAddress", "10.0.0.1"));
    }
    char id[65];
    memset(id, 'a', 64);
    id[64] = '\0';
    json_t *inspect =
        json_pack("{s:s,s:s,s:{s:s,s:b},s:{s:o},s:{s:o}}", "Id", id, "Name", "/n", "State",
                  "Status", "running", "Running", 1, "Config", "Labels",
                  json_loads(labels, 0, NULL), "NetworkSettings", "Networks", attached);
    struct container *c = container_from_inspect(inspect, NULL);
    assert_non_null(c);
    const char *got = c->offers.items[0].options->network;
    if (!got || strcmp(got, expected) != 0)
        fail_msg("%s on %s: %s", labels, networks, got ? got : "any");
    container_free(c);
    json_decref(inspect);
}

#define OF_PROJECT(project, network)                                                               \
    "{\"com.docker.compose.project\":\"" project "\",\"lb.network\":\"" network "\"}"

/* Compose calls `front` of a project PROJECT_front; its first versions took hyphens and underscores out
 * of the project's name, the later ones do not. */
static void test_networks_as_compose_files_call_them(void **state)
{
    (void)state;
    check_network(OF_PROJECT("shop", "front"), "shop_back shop_front", "shop_front");
    check_network(OF_PROJECT("my-shop", "front"), "my-shop_front", "my-shop_front");
    check_network(OF_PROJECT("myshop", "front"), "myshop_front", "myshop_front");
    check_network(OF_PROJECT("my_shop", "a_b-c"), "my_shop_a_b-c", "my_shop_a_b-c");
    check_network(OF_PROJECT("shop", "shop"), "shop_default shop_shop", "shop_shop");
    /* the whole name, and one that has no project */
    check_network(OF_PROJECT("shop", "shop_front"), "shop_back shop_front", "shop_front");
    check_network(OF_PROJECT("shop", "front"), "front shop_front", "front");
    check_network(OF_PROJECT("shop", "edge"), "edge shop_front", "edge");
    /* another project's of the same short name is meant only by its whole name */
    check_network(OF_PROJECT("one", "front"), "one_front two_front", "one_front");
    check_network(OF_PROJECT("one", "two_front"), "one_front two_front", "two_front");
    check_network(OF_PROJECT("one", "front"), "two_front", "front");
    check_network(OF_PROJECT("", "front"), "_front shop_front", "front");
    check_network("{\"lb.network\":\"front\"}", "shop_front", "front");
    /* whichever dialect has the word */
    check_network("{\"com.docker.compose.project\":\"shop\",\"traefik.docker.network\":\"front\","
                  "\"traefik.enable\":\"true\"}",
                  "shop_back shop_front", "shop_front");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_networks_as_compose_files_call_them),
        cmocka_unit_test(test_networks_and_bindings_are_sorted),
        cmocka_unit_test(test_unhealthy_without_failures_is_not_believed),
        cmocka_unit_test(test_what_its_last_check_said),
        cmocka_unit_test(test_how_it_ended),
        cmocka_unit_test(test_restarting_is_not_running),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_published_ports_of_udp),
        cmocka_unit_test(test_ipv6_only),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_counts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
