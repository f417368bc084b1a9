#include "discovery/consul/consul_agent.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_accepts(void **state)
{
    static const struct {
        const char *text, *socket, *url;
    } cases[] = {
        {CONSUL_AGENT_DEFAULT_URL, "", "http://127.0.0.1:8500"},
        {"http://consul.example:8500/", "", "http://consul.example:8500"},
        {"http://consul.example", "", "http://consul.example:80"},
        {"https://consul.example", "", "https://consul.example:443"},
        {"https://consul.example:8501", "", "https://consul.example:8501"},
        {"consul://consul", "", "http://consul:8500"},
        {"consul://consul:80", "", "http://consul:80"},
        {"consul-tls://consul", "", "https://consul:8501"},
        {"10.0.0.1:8500", "", "http://10.0.0.1:8500"},
        {"consul", "", "http://consul:8500"},
        {"[::1]:8500", "", "http://[::1]:8500"},
        {"https://[fe80::1]", "", "https://[fe80::1]:443"},
        {"unix:///run/consul.sock", "/run/consul.sock", "http://consul"},
        {"consul-unix:///run/consul.sock", "/run/consul.sock", "http://consul"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct consul_agent agent = {.token = "kept"};
        const char *problem;
        assert_true(consul_agent_parse_url(cases[i].text, &agent, &problem));
        assert_string_equal(agent.server.text, cases[i].text);
        assert_string_equal(agent.server.socket_path, cases[i].socket);
        assert_string_equal(agent.server.url, cases[i].url);
        assert_string_equal(agent.token, "kept");
    }
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *word; /* in the problem */
    } cases[] = {
        {"", "host"},
        {"http://", "host"},
        {"http:///", "host"},
        {"consul://:8500", "host"},
        {"http://user@consul:8500", "host"},
        {"http://a b:8500", "host"},
        {"http://[::1", "host"},
        {"http://[]:1", "host"},
        {"http://consul:0", "port"},
        {"http://consul:65536", "port"},
        {"http://consul:8500/v1", "port"},
        {"http://consul:", "port"},
        {"http://[::1]8500", "port"},
        {"::1", "host"},
        {"http://consul/v1", "host"},
        {"tcp://consul:8500", "scheme"},
        {"http://http://consul", "scheme"},
        {"unix://run/consul.sock", "begin with /"},
        {"unix:///"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "107"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct consul_agent agent = {0};
        const char *problem = "";
        assert_false(consul_agent_parse_url(cases[i].text, &agent, &problem));
        if (!strstr(problem, cases[i].word))
            fail_msg("%s: %s", cases[i].text, problem);
    }
}

static void test_too_long(void **state)
{
    char text[600];
    struct consul_agent agent;
    const char *problem = "";
    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(consul_agent_parse_url(text, &agent, &problem));
    assert_non_null(strstr(problem, "too long"));
}

static void test_tls_is_demanded(void **state)
{
    struct consul_agent agent = {0};
    const char *problem;
    (void)state;
    assert_true(consul_agent_parse_url("consul:8500", &agent, &problem));
    consul_agent_demand_tls(&agent);
    assert_string_equal(agent.server.url, "https://consul:8500");
    consul_agent_demand_tls(&agent);
    assert_string_equal(agent.server.url, "https://consul:8500");
    assert_true(consul_agent_parse_url("unix:///run/consul.sock", &agent, &problem));
    consul_agent_demand_tls(&agent);
    assert_string_equal(agent.server.url, "http://consul");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_tls_is_demanded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
