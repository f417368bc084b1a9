#include "tests/unit/discovery/options_fixture.h"

static void test_defaults(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {0};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_string_equal(options.docker.text, "unix:///var/run/docker.sock");
    assert_int_equal(options.resync_s, 60);
    assert_null(options.self);
    assert_false(options.is_once);
    environment.docker_found = "unix:///tmp/docker.sock";
    assert_true(parse((const char *[ARGS_MAX]){"--docker"}, &environment, &options, &problem));
    assert_string_equal(options.docker.socket_path, "/tmp/docker.sock");
    environment.docker_host = "tcp://10.0.0.1:2375";
    environment.container_id = "none";
    assert_true(parse((const char *[ARGS_MAX]){"--docker"}, &environment, &options, &problem));
    assert_string_equal(options.docker.url, "http://10.0.0.1:2375");
    assert_string_equal(options.self, "none");
    text_fini(&problem);
}

static void test_flags_win(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.docker_host = "nonsense", .container_id = "none"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--docker=unix:///a", "--once", "--resync", "5",
                                               "--self=0123456789ab", "--log-level=debug"},
                      &environment, &options, &problem));
    assert_string_equal(options.docker.socket_path, "/a");
    assert_true(options.is_once);
    assert_int_equal(options.resync_s, 5);
    assert_string_equal(options.self, "0123456789ab");
    assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
    assert_true(
        parse((const char *[ARGS_MAX]){"--file", "x.json"}, &environment, &options, &problem));
    assert_string_equal(options.file_path, "x.json");
    assert_false(options.follows_docker);
    assert_true(parse((const char *[ARGS_MAX]){"--file", "x.json", "--docker=unix:///b"},
                      &environment, &options, &problem));
    assert_string_equal(options.file_path, "x.json");
    assert_true(options.follows_docker);
    assert_string_equal(options.docker.socket_path, "/b");
    assert_true(
        parse((const char *[ARGS_MAX]){"--print-schema"}, &environment, &options, &problem));
    assert_int_equal(options.action, OPTIONS_SCHEMA);
    assert_true(parse((const char *[ARGS_MAX]){"--help"}, &environment, &options, &problem));
    assert_int_equal(options.action, OPTIONS_HELP);
    text_fini(&problem);
}

/* Of 107 bytes. */
#define TEN       "0123456789"
#define LONG_PATH "/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "234567"

static void test_complaints(void **state)
{
    static const struct complaint cases[] = {
        {{"--dokcer"},
         {0},
         "\"--dokcer\": unknown flag; did you mean --docker? see",
         "-discovery --help"},
        {{"--dokcer=x"}, {0}, "\"--dokcer\"", "did you mean --docker?"},
        {{"-once"},
         {0},
         "\"-once\": is no flag, and lb-discovery takes nothing else; did",
         "--once?"},
        {{"extra"},
         {0},
         "\"extra\": is no flag, and lb-discovery takes nothing else; see",
         "--help"},
        {{"-x"}, {0}, "\"-x\": is no flag, and lb-discovery takes nothing else; see", "--help"},
        {{"--"}, {0}, "\"--\": unknown flag; see", "--help"},
        {{""}, {0}, "\"\": is no flag", "--help"},
        {{"--o\033[2Jnce"}, {0}, "\"--o\\x1b[2Jnce\": unknown flag", "--once?"},
        {{"--resync=\033[2J"},
         {0},
         "--resync: \"\\x1b[2J\" cannot be used: it is no whole number of seconds;",
         "1 to 86400"},
        {{"--docker=x"}, {0}, "--docker", "unix:///path"},
        {{"--docker="}, {0}, "--docker", "unix:///path"},
        {{"--file"}, {0}, "--file", "path"},
        {{"--file="}, {0}, "--file", "path"},
        {{"--docker", "--file", "x"}, {.docker_host = "ssh://x"}, "DOCKER_HOST", "unix:///path"},
        {{"--resync", "0"}, {0}, "--resync: \"0\" cannot be used: it is too short;", "1 to 86400"},
        {{"--resync=86401"},
         {0},
         "--resync: \"86401\" cannot be used: it is too long;",
         "1 to 86400"},
        {{"--resync=1m"}, {0}, "--resync", "1 to 86400"},
        {{"--resync"}, {0}, "--resync", "1 to 86400"},
        {{"--self", "m"}, {0}, "--self: \"m\" cannot be used: it is no id and no name", "none"},
        {{"--self", "a/b"}, {0}, "--self", "none"},
        {{"--self=-a"}, {0}, "--self", "none"},
        {{"--self=" LONG_PATH}, {0}, "--self", "none"},
        {{"--log-level", "loud"}, {0}, "--log-level", "debug, info, warn or error"},
        {{"--once=yes"}, {0}, "--once", "alone"},
        {{"--jail=on"}, {0}, "--jail: \"on\" cannot be used", "strict, log or off"},
        {{NULL}, {.jail = "yes"}, "LB_DISCOVERY_JAIL: \"yes\"", "strict, log or off"},
        {{NULL}, {.docker_host = "ssh://x"}, "DOCKER_HOST", "unix:///path"},
        {{NULL}, {.container_id = "x"}, "LB_CONTAINER_ID", "none"},
        {{"--swarm=x"}, {0}, "--swarm: \"x\" cannot be used", "unix:///path"},
        {{"--swarm=tcp://a:1"}, {.docker_tls_verify = "1"}, "DOCKER_TLS_VERIFY", "unset it"},
        {{"--swarm"}, {.docker_host = "ssh://x"}, "DOCKER_HOST", "unix:///path"},
        {{"--docker=tcp://a:1"}, {.docker_tls_verify = "1"}, "DOCKER_TLS_VERIFY", "unset it"},
        {{"--to"}, {0}, "--to: ", "unix:PATH"},
        {{"--to=/run/x"}, {0}, "--to: \"/run/x\" cannot be used: it is no place", "unix:PATH"},
        {{"--to=unix:"}, {0}, "--to: \"unix:\" cannot be used", "unix:PATH"},
        {{"--to=unix:" LONG_PATH "8"}, {0}, "--to: \"unix:/", "at most 107 bytes"},
        {{NULL}, {.to = "tcp:x"}, "LB_DISCOVERY_TO: \"tcp:x\" cannot be used", "unix:PATH"},
    };
    (void)state;
    assert_complaints(cases, COUNT(cases));
}

/* A swarm is asked where Docker is, unless it is said; what is no flag behind it is its engine. */
static void test_engine_of_the_swarm(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.docker_host = "tcp://10.0.0.1:2375"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--swarm"}, &environment, &options, &problem));
    assert_string_equal(options.swarm.url, "http://10.0.0.1:2375");
    assert_true(options.follows_swarm);
    assert_false(options.follows_docker);
    assert_true(parse((const char *[ARGS_MAX]){"--docker", "--swarm", "unix:///m"}, &environment,
                      &options, &problem));
    assert_string_equal(options.swarm.socket_path, "/m");
    assert_string_equal(options.docker.url, "http://10.0.0.1:2375");
    assert_true(parse((const char *[ARGS_MAX]){"--docker=unix:///d", "--swarm"}, &environment,
                      &options, &problem));
    assert_string_equal(options.swarm.socket_path, "/d");
    text_fini(&problem);
}

/* As nginx-proxy's users say it of the proxy; an empty variable is none. */
static void test_variables_of_nginx_proxy(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.default_host = "", .network_access = ""};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_null(options.dialects.nginx_proxy.default_host);
    assert_null(options.dialects.nginx_proxy.network_access);
    environment.default_host = "a.test";
    assert_false(options.dialects.nginx_proxy.has_htpasswd);
    environment.network_access = "internal";
    environment.htpasswd_dir = "/etc/lb/htpasswd";
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_string_equal(options.dialects.nginx_proxy.default_host, "a.test");
    assert_string_equal(options.dialects.nginx_proxy.network_access, "internal");
    assert_true(options.dialects.nginx_proxy.has_htpasswd);
    text_fini(&problem);
}

static void test_where_it_tells(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {0};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_null(options.to_path);
    assert_true(
        parse((const char *[ARGS_MAX]){"--to", "unix:/a/b"}, &environment, &options, &problem));
    assert_string_equal(options.to_path, "/a/b");
    assert_true(
        parse((const char *[ARGS_MAX]){"--to=unix:" LONG_PATH}, &environment, &options, &problem));
    environment.to = "unix:///c"; /* the same to the system as /c */
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_string_equal(options.to_path, "///c");
    assert_true(
        parse((const char *[ARGS_MAX]){"--to=unix:/a/b"}, &environment, &options, &problem));
    assert_string_equal(options.to_path, "/a/b");
    environment.parent = "1"; /* lb reads the output of those it starts */
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_null(options.to_path);
    text_fini(&problem);
}

static void test_jail(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {0};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_int_equal(options.jail, jail_default_mode());
    environment.jail = "log";
    assert_true(parse((const char *[ARGS_MAX]){NULL}, &environment, &options, &problem));
    assert_int_equal(options.jail, JAIL_LOG);
    assert_true(parse((const char *[ARGS_MAX]){"--jail=strict"}, &environment, &options, &problem));
    assert_int_equal(options.jail, JAIL_STRICT);
    assert_true(parse((const char *[ARGS_MAX]){"--jail", "off"}, &environment, &options, &problem));
    assert_int_equal(options.jail, JAIL_OFF);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_flags_win),
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_engine_of_the_swarm),
        cmocka_unit_test(test_variables_of_nginx_proxy),
        cmocka_unit_test(test_where_it_tells),
        cmocka_unit_test(test_jail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
