/* The request of a check, and where it goes. */
#include "lb/health/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/contract/passage_option.h"

static const struct {
    const char *address, *host, *port, *header, *target, *want;
} rows[] = {
    {"10.0.0.1:80", NULL, NULL, NULL, "10.0.0.1:80",
     "GET /up HTTP/1.1\r\nHost: 10.0.0.1:80\r\nUser-Agent: lb-health\r\nAccept: */*\r\n"
     "Connection: close\r\n\r\n"},
    {"10.0.0.1:80", "example.com", NULL, NULL, "10.0.0.1:80",
     "GET /up HTTP/1.1\r\nHost: example.com\r\nUser-Agent: lb-health\r\nAccept: */*\r\n"
     "Connection: close\r\n\r\n"},
    {"[fd00::1]:80", NULL, "9000", NULL, "[fd00::1]:9000",
     "GET /up HTTP/1.1\r\nHost: [fd00::1]:9000\r\nUser-Agent: lb-health\r\nAccept: */*\r\n"
     "Connection: close\r\n\r\n"},
    {"10.0.0.1:80", "a", "9000", "X-Forwarded-Proto:https | user-agent: me", "10.0.0.1:9000",
     "GET /up HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-Forwarded-Proto: https\r\nuser-agent: me\r\n"
     "Connection: close\r\n\r\n"},
};

static void set(struct check *check, const char *word, const char *value)
{
    assert_true(!value || check_set(check, view_str(word), view_str(value)));
}

static void test_questions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct check check = {.method = "GET", .path = "/up"};
        struct address address;
        char target_text[ADDRESS_TEXT_BYTES];
        struct text request = TEXT_INIT;
        assert_true(address_parse(view_str(rows[i].address), &address));
        set(&check, "host", rows[i].host);
        set(&check, "port", rows[i].port);
        set(&check, "header", rows[i].header);
        struct address target = question_target(&check, &address);
        assert_string_equal(address_format(&target, target_text), rows[i].target);
        question_write(&check, &target, &request);
        assert_string_equal(text_str(&request), rows[i].want);
        text_fini(&request);
    }
}

static void test_words_for_humans(void **state)
{
    struct check check = {.method = "HEAD"};
    struct text text = TEXT_INIT;
    (void)state;
    question_describe(&check, CHECK_HTTP, &text);
    assert_string_equal(text_str(&text), "HEAD /");
    text_clear(&text);
    question_describe(&check, CHECK_REDIS, &text);
    assert_string_equal(text_str(&text), "redis");
    text_clear(&text);
    check.port = 9000;
    question_describe(&check, CHECK_HTTP, &text);
    assert_string_equal(text_str(&text), "HEAD :9000/");
    text_clear(&text);
    question_describe(&check, CHECK_DNS, &text);
    assert_string_equal(text_str(&text), "dns :9000");
    text_fini(&text);
}

/* The port that connections go to wants a header where they have one, and no other port does. */
static void test_which_port_gets_a_proxy_header(void **state)
{
    static const struct {
        unsigned port, want;
    } ports[] = {{0, PROXY_VERSION_2}, {80, PROXY_VERSION_2}, {81, PROXY_VERSION_OFF}};
    struct endpoint_options options = {.id = "id", .name = "n", .service = "s", .worker_count = 1};
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &options.address));
    struct endpoint *endpoint = endpoint_new(&options);
    endpoint->policy =
        service_policy_new(&(struct service_policy){.proxy_version = PROXY_VERSION_2});
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        struct check check = {.port = ports[i].port};
        assert_int_equal(question_proxy_version(endpoint, &check), ports[i].want);
    }
    endpoint_unref(endpoint);
}

/* As requests go; at another port only by the word; never where a connect is said in so many words. */
static void test_what_is_asked_over_tls(void **state)
{
    static const struct {
        bool is_by_tls;
        enum check_mode said, mode;
        unsigned port;
        bool want;
    } looks[] = {
        {true, CHECK_AUTO, CHECK_HTTP, 0, true},    {true, CHECK_HTTP, CHECK_HTTP, 80, true},
        {true, CHECK_HTTP, CHECK_HTTP, 81, false},  {true, CHECK_HTTPS, CHECK_HTTPS, 81, true},
        {true, CHECK_AUTO, CHECK_TCP, 0, true},     {true, CHECK_OFF, CHECK_TCP, 0, true},
        {true, CHECK_TCP, CHECK_TCP, 0, false},     {true, CHECK_REDIS, CHECK_REDIS, 0, false},
        {false, CHECK_AUTO, CHECK_HTTP, 0, false},  {false, CHECK_AUTO, CHECK_TCP, 0, false},
        {false, CHECK_HTTPS, CHECK_HTTPS, 0, true},
    };
    struct endpoint_options options = {.id = "id", .name = "n", .service = "s", .worker_count = 1};
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &options.address));
    struct endpoint *endpoint = endpoint_new(&options);
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        struct check check = {.mode = looks[i].said, .port = looks[i].port};
        endpoint->is_by_tls = looks[i].is_by_tls;
        assert_int_equal(question_is_by_tls(endpoint, &check, looks[i].mode), looks[i].want);
    }
    endpoint_unref(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_words_for_humans),
        cmocka_unit_test(test_which_port_gets_a_proxy_header),
        cmocka_unit_test(test_what_is_asked_over_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
