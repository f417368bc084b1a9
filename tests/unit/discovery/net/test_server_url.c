#include "discovery/net/server_url.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_accepts(void **state)
{
    static const struct {
        const char *text, *socket, *url;
    } cases[] = {
        {"unix:///var/run/docker.sock", "/var/run/docker.sock", "http://docker"},
        {"tcp://127.0.0.1:2375", "", "http://127.0.0.1:2375"},
        {"tcp://engine.example:2375/", "", "http://engine.example:2375"},
        {"http://[::1]:2375", "", "http://[::1]:2375"},
    };
    struct server_url server;
    const char *problem;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(server_url_parse(cases[i].text, &server, &problem));
        assert_string_equal(server.text, cases[i].text);
        assert_string_equal(server.socket_path, cases[i].socket);
        assert_string_equal(server.url, cases[i].url);
    }
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text, *word; /* in the problem */
    } cases[] = {
        {"", "scheme"},
        {"/var/run/docker.sock", "scheme"},
        {"ssh://host", "scheme"},
        {"https://host:2376", "scheme"},
        {"unix://", "begin with /"},
        {"unix://relative", "begin with /"},
        {"unix:///"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "107"},
        {"tcp://host", "port"},
        {"tcp://host:0", "port"},
        {"tcp://host:70000", "port"},
        {"tcp://:2375", "host"},
        {"tcp://a b:2375", "host"},
        {"tcp://user@host/x:2375", "host"},
    };
    struct server_url server;
    const char *problem = "";
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_false(server_url_parse(cases[i].text, &server, &problem));
        assert_non_null(strstr(problem, cases[i].word));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
