#include "tests/unit/discovery/options_fixture.h"

static void test_default_agent(void **state)
{
    struct options options;
    (void)state;
    assert_true(parse_alone((const char *[ARGS_MAX]){"--consul"}, &options));
    assert_true(options.follows_consul);
    assert_false(options.follows_docker || options.registers);
    assert_string_equal(options.consul.agent.server.url, "http://127.0.0.1:8500");
    assert_null(options.consul.agent.token);
    assert_null(options.consul.services);
    assert_null(options.consul.address_key);
    assert_null(options.consul.node);
    assert_ptr_equal(options.consul.dialects, &options.dialects);
}

static void test_all_that_is_said_of_the_catalog(void **state)
{
    struct options options;
    (void)state;
    assert_true(parse_alone((const char *[ARGS_MAX]){"--consul=consul://c:8500", "--consul-service",
                                                     "web,db", "--consul-port=web=8080",
                                                     "--consul-port", "db=1,x=65535"},
                            &options));
    assert_string_equal(options.consul.agent.server.url, "http://c:8500");
    assert_string_equal(options.consul.services, "web,db");
    assert_int_equal(options.consul.port_count, 3);
    assert_true(view_eq(options.consul.ports[0].service, VIEW("web")));
    assert_int_equal(options.consul.ports[0].port, 8080);
    assert_true(view_eq(options.consul.ports[2].service, VIEW("x")));
    assert_int_equal(options.consul.ports[2].port, 65535);
    assert_true(parse_alone((const char *[ARGS_MAX]){"--consul-address=wan", "--consul-node", "n1",
                                                     "--consul", "unix:///c.sock", "--docker"},
                            &options));
    assert_string_equal(options.consul.address_key, "wan");
    assert_string_equal(options.consul.node, "n1");
    assert_string_equal(options.consul.agent.server.socket_path, "/c.sock");
    assert_true(options.follows_docker);
}

/* A flag says more than a variable, and each is the other's where only one has a URL. */
static void test_who_says_where_the_agent_is(void **state)
{
    static const struct {
        const char *args[ARGS_MAX];
        const char *addr, *reader, *writer;
    } cases[] = {
        {{"--consul", "--register"}, NULL, "http://127.0.0.1:8500", "http://127.0.0.1:8500"},
        {{"--consul", "--register"}, "a:1", "http://a:1", "http://a:1"},
        {{"--consul=http://b:2", "--register"}, "a:1", "http://b:2", "http://b:2"},
        {{"--consul", "--register=http://b:2"}, "a:1", "http://b:2", "http://b:2"},
        {{"--consul=http://b:2", "--register", "c:3"}, "a:1", "http://b:2", "http://c:3"},
        {{"--consul=http://b:2"}, "nonsense://", "http://b:2", NULL},
    };
    struct options options;
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct options_environment environment = {.consul_addr = cases[i].addr};
        assert_true(parse(cases[i].args, &environment, &options, &problem));
        assert_string_equal(options.consul.agent.server.url, cases[i].reader);
        if (cases[i].writer)
            assert_string_equal(options.registrar.agent.server.url, cases[i].writer);
    }
    text_fini(&problem);
}

static void test_what_the_agent_is_shown(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.consul_token = "secret",
                                              .consul_ca_file = "/ca.pem",
                                              .consul_ca_path = "",
                                              .consul_cert = "/c.pem",
                                              .consul_key = "/k.pem",
                                              .consul_server_name = "server.dc1.consul",
                                              .consul_ssl_verify = "false"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--consul", "--register"}, &environment, &options,
                      &problem));
    const struct consul_agent *agents[] = {&options.consul.agent, &options.registrar.agent};
    for (size_t i = 0; i < COUNT(agents); i++) {
        assert_string_equal(agents[i]->token, "secret");
        assert_null(agents[i]->token_file);
        assert_string_equal(agents[i]->tls.ca_file, "/ca.pem");
        assert_null(agents[i]->tls.ca_path);
        assert_string_equal(agents[i]->tls.cert_file, "/c.pem");
        assert_string_equal(agents[i]->tls.key_file, "/k.pem");
        assert_string_equal(agents[i]->tls.server_name, "server.dc1.consul");
        assert_true(agents[i]->tls.is_unverified);
    }
    environment.consul_token_file = "/run/secrets/token";
    environment.consul_ssl_verify = NULL;
    assert_true(parse((const char *[ARGS_MAX]){"--consul"}, &environment, &options, &problem));
    assert_null(options.consul.agent.token);
    assert_string_equal(options.consul.agent.token_file, "/run/secrets/token");
    assert_false(options.consul.agent.tls.is_unverified);
    text_fini(&problem);
}

/* What nobody asks Consul for may be as wrong as it likes. */
static void test_environment_counts_with_consul_only(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.consul_addr = "://", .consul_ssl = "perhaps"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--docker"}, &environment, &options, &problem));
    assert_false(options.follows_consul);
    text_fini(&problem);
}

static void test_services_that_lb_leads_to(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    struct options_environment environment = {.consul_services = "web,db"};
    (void)state;
    assert_true(parse((const char *[ARGS_MAX]){"--consul"}, &environment, &options, &problem));
    assert_string_equal(options.consul.services, "web,db");
    assert_true(parse((const char *[ARGS_MAX]){"--consul", "--consul-service=mine"}, &environment,
                      &options, &problem));
    assert_string_equal(options.consul.services, "mine");
    text_fini(&problem);
}

static void test_complaints(void **state)
{
    static const struct complaint cases[] = {
        {{"--consul=x://y"}, {0}, "--consul: \"x://y\" cannot be used", "consul://"},
        {{"--consul="}, {0}, "--consul: the value is missing", "HOST:PORT"},
        {{"--consul"}, {.consul_addr = "a:b"}, "CONSUL_HTTP_ADDR: \"a:b\"", "HOST:PORT"},
        {{"--consul"}, {.consul_ssl = "perhaps"}, "CONSUL_HTTP_SSL: \"perhaps\"", "true or false"},
        {{"--consul"}, {.consul_ssl_verify = "x"}, "CONSUL_HTTP_SSL_VERIFY", "true or false"},
        {{"--consul"}, {.consul_token = "a\nb"}, "CONSUL_HTTP_TOKEN: it has", "secret id"},
        {{"--consul"}, {.consul_cert = "/c"}, "CONSUL_CLIENT_CERT: the other half", "CLIENT_KEY"},
        {{"--consul"}, {.consul_key = "/k"}, "CONSUL_CLIENT_KEY: the other half", "CLIENT_CERT"},
        {{"--consul"}, {.consul_services = "a b"}, "LB_CONSUL_SERVICES: \"a b\"", "names"},
        {{"--consul", "--consul-service"}, {0}, "--consul-service: the value", "names of services"},
        {{"--consul", "--consul-port=web"}, {0}, "--consul-port: \"web\"", "NAME=PORT"},
        {{"--consul", "--consul-port==1"}, {0}, "--consul-port: \"=1\"", "NAME=PORT"},
        {{"--consul", "--consul-port=a=0"}, {0}, "--consul-port: \"a=0\"", "NAME=PORT"},
        {{"--consul", "--consul-port=a=1,"}, {0}, "--consul-port: \"a=1,\"", "NAME=PORT"},
        {{"--consul", "--consul-port=a=65536"}, {0}, "--consul-port", "65535"},
        {{"--consul", "--consul-address=a,b"}, {0}, "--consul-address: \"a,b\"", "tagged address"},
        {{"--consul", "--consul-node="}, {0}, "--consul-node: the value", "consul members"},
        {{"--consul-node=n"}, {0}, "--consul-node: it says something of", "add --consul"},
        {{"--docker", "--consul-port=a=1"}, {0}, "--consul-port: it says", "add --consul"},
        {{"--consl"}, {0}, "\"--consl\": unknown flag; did you mean --consul?", "--help"},
    };
    (void)state;
    assert_complaints(cases, COUNT(cases));
}

static void test_more_ports_than_there_is_room_for(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT, many = TEXT_INIT;
    struct options_environment environment = {0};
    (void)state;
    text_append_str(&many, "a=1");
    for (unsigned i = 1; i < CONSUL_PORTS_MAX; i++)
        text_append_str(&many, ",a=1");
    const char *args[ARGS_MAX] = {"--consul", "--consul-port", text_str(&many)};
    assert_true(parse(args, &environment, &options, &problem));
    assert_int_equal(options.consul.port_count, CONSUL_PORTS_MAX);
    text_append_str(&many, ",a=1");
    args[2] = text_str(&many);
    assert_false(parse(args, &environment, &options, &problem));
    assert_non_null(strstr(text_str(&problem), "more than 64 services"));
    text_fini(&many);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_agent),
        cmocka_unit_test(test_all_that_is_said_of_the_catalog),
        cmocka_unit_test(test_who_says_where_the_agent_is),
        cmocka_unit_test(test_what_the_agent_is_shown),
        cmocka_unit_test(test_environment_counts_with_consul_only),
        cmocka_unit_test(test_services_that_lb_leads_to),
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_more_ports_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
