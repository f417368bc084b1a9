#include "tests/unit/discovery/options_fixture.h"

/* As registrator is used: nothing but where to register. */
static void test_alone(void **state)
{
    struct options options;
    (void)state;
    assert_true(parse_alone((const char *[ARGS_MAX]){"--register", "consul://c:8500"}, &options));
    assert_true(options.registers && options.is_silent && options.follows_docker);
    assert_true(options.enlistment.is_on);
    assert_string_equal(options.registrar.agent.server.url, "http://c:8500");
    assert_string_equal(options.docker.text, "unix:///var/run/docker.sock");
    assert_string_equal(options.registrar.deregister_after, "10m");
    assert_int_equal(options.registrar.ttl_s, 0);
    assert_null(options.enlistment.self_name);
    assert_false(options.enlistment.is_internal || options.enlistment.is_explicit ||
                 options.enlistment.only_on_success || options.registrar.cleans_up);
}

/* There is an lb, which reads. */
static void test_beside_an_lb_elsewhere(void **state)
{
    struct options options;
    (void)state;
    assert_true(parse_alone((const char *[ARGS_MAX]){"--register", "--to=unix:/a"}, &options));
    assert_true(options.registers && !options.is_silent && options.follows_docker);
    assert_string_equal(options.enlistment.self_name, "proxy");
}

/* Beside another source Docker is followed for nothing else; with lb there is always somebody who reads. */
static void test_beside_others(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.docker_host = "tcp://10.0.0.1:2375"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--consul", "--register"}, &environment, &options,
                      &problem));
    assert_false(options.is_silent || options.follows_docker);
    assert_string_equal(options.docker.url, "http://10.0.0.1:2375");
    assert_string_equal(options.enlistment.self_name, "proxy");
    assert_true(parse((const char *[ARGS_MAX]){"--docker", "--register"}, &environment, &options,
                      &problem));
    assert_true(options.follows_docker);
    assert_false(options.is_silent);
    environment.parent = "17";
    assert_true(parse((const char *[ARGS_MAX]){"--register"}, &environment, &options, &problem));
    assert_false(options.is_silent);
    assert_true(options.follows_docker);
    text_fini(&problem);
}

static void test_how(void **state)
{
    struct options options;
    (void)state;
    assert_true(
        parse_alone((const char *[ARGS_MAX]){"--register", "--advertise=192.0.2.1",
                                             "--register-internal", "--register-explicit=yes",
                                             "--register-tags=a,b c", "--register-cleanup"},
                    &options));
    assert_string_equal(options.enlistment.advertise, "192.0.2.1");
    assert_true(options.enlistment.is_internal && options.enlistment.is_explicit &&
                options.registrar.cleans_up);
    assert_string_equal(options.enlistment.tags, "a,b c");
    assert_true(
        parse_alone((const char *[ARGS_MAX]){"--register", "--register-ttl=90",
                                             "--deregister-after=1h30m", "--deregister=on-success",
                                             "--register-name=web", "--host-name=h1"},
                    &options));
    assert_int_equal(options.registrar.ttl_s, 90);
    assert_string_equal(options.registrar.deregister_after, "1h30m");
    assert_true(options.enlistment.only_on_success);
    assert_string_equal(options.enlistment.self_name, "web");
    assert_string_equal(options.enlistment.host, "h1");
    assert_true(
        parse_alone((const char *[ARGS_MAX]){"--register", "--register-ttl=1m5s",
                                             "--deregister-after=never", "--deregister=always",
                                             "--register-name=none", "--advertise=2001:db8::1"},
                    &options));
    assert_int_equal(options.registrar.ttl_s, 65);
    assert_null(options.registrar.deregister_after);
    assert_false(options.enlistment.only_on_success);
    assert_string_equal(options.enlistment.self_name, "");
    static const char *const none[] = {"--deregister-after=off", "--deregister-after=0"};
    for (size_t i = 0; i < 2; i++) { /* the words that lb has for it */
        assert_true(parse_alone((const char *[ARGS_MAX]){"--register", none[i]}, &options));
        assert_null(options.registrar.deregister_after);
    }
}

static void test_what_lb_says_of_itself(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {
        .listen = "0.0.0.0:8080", .ready = "http://127.0.0.1:9000/readyz", .parent = "17"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--register"}, &environment, &options, &problem));
    assert_int_equal(options.enlistment.self_port, 8080);
    assert_string_equal(options.enlistment.self_check, "http://127.0.0.1:9000/readyz");
    environment.listen = environment.ready = "";
    assert_true(parse((const char *[ARGS_MAX]){"--register"}, &environment, &options, &problem));
    assert_int_equal(options.enlistment.self_port, 0);
    assert_null(options.enlistment.self_check);
    text_fini(&problem);
}

static void test_complaints(void **state)
{
    static const struct complaint cases[] = {
        {{"--register=ftp://x"}, {0}, "--register: \"ftp://x\"", "consul://"},
        {{"--register", "--once"}, {0}, "--once: ", "leave out --once"},
        {{"--register", "--advertise=h1"}, {0}, "--advertise: \"h1\"", "IP address of this host"},
        {{"--register", "--advertise=[::1]"}, {0}, "--advertise: \"[::1]\"", "IP address"},
        {{"--register", "--advertise=0.0.0.0"}, {0}, "--advertise: \"0.0.0.0\"", "nobody is"},
        {{"--register", "--advertise=::"}, {0}, "--advertise: \"::\"", "nobody is"},
        {{"--register", "--register-tags=a\033"}, {0}, "--register-tags: \"a\\x1b\"", "commas"},
        {{"--register", "--register-ttl=2s"}, {0}, "--register-ttl: \"2s\"", "from 3s to 24h"},
        {{"--register", "--register-ttl=25h"}, {0}, "--register-ttl: \"25h\"", "too long"},
        {{"--register", "--register-ttl=1x"}, {0}, "--register-ttl: \"1x\"", "it is no time"},
        {{"--register", "--register-ttl=s"}, {0}, "--register-ttl: \"s\"", "it is no time"},
        {{"--register", "--register-ttl=9999999999h9999999999h"}, {0}, "--register-ttl", "no time"},
        {{"--register", "--register-ttl=4294967295h"}, {0}, "--register-ttl", "too long"},
        {{"--register", "--deregister-after=90"}, {0}, "--deregister-after: \"90\"", "\"10m\""},
        {{"--register", "--deregister-after=59s"}, {0}, "--deregister-after", "too short"},
        {{"--register", "--deregister=no"}, {0}, "--deregister: \"no\"", "always or on-success"},
        {{"--register", "--register-name=a/b"}, {0}, "--register-name: \"a/b\"", "\"none\""},
        {{"--register", "--host-name=a:b"}, {0}, "--host-name: \"a:b\"", "without a colon"},
        {{"--register", "--register-internal=x"}, {0}, "--register-internal: \"x\"", "on or off"},
        {{"--register", "--docker"}, {.listen = "x"}, "LB_DISCOVERY_LISTEN: \"x\"", "IP:PORT"},
        {{"--register", "--docker"}, {.ready = "x"}, "LB_DISCOVERY_READY: \"x\"", "http://"},
        {{"--register"}, {.docker_host = "ssh://x"}, "DOCKER_HOST", "unix:///path"},
        {{"--consul", "--register"}, {.docker_host = "ssh://x"}, "DOCKER_HOST", "unix:///path"},
        {{"--advertise=192.0.2.1"}, {0}, "--advertise: it says how", "add --register"},
        {{"--host-name=h"}, {0}, "--host-name: it says how", "add --register"},
        {{"--regster"}, {0}, "\"--regster\": unknown flag; did you mean --register?", "--help"},
    };
    (void)state;
    assert_complaints(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_beside_an_lb_elsewhere),
        cmocka_unit_test(test_beside_others),
        cmocka_unit_test(test_how),
        cmocka_unit_test(test_what_lb_says_of_itself),
        cmocka_unit_test(test_complaints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
