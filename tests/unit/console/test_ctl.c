/* lb ctl and lb explain: which words ask for what, what is refused before anything is asked, and
 * what is printed where. */
#include "lb/console/ctl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/support/answerer.h"
#include "tests/unit/support/said.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define OF(length)      "Content-Length: " #length "\r\n\r\n"

static struct answerer answerer;
static struct config config;

static int open_ctl(void **state)
{
    (void)state;
    answerer_open(&answerer, "HTTP/1.1 200 OK\r\n" OF(3) "ok\n");
    config =
        (struct config){.admin = answerer.address, .admin_enabled = true, .admin_is_named = true};
    return 0;
}

static int close_ctl(void **state)
{
    (void)state;
    answerer_close(&answerer);
    return 0;
}

/* The words are separated by '|'. */
static int run_ctl(enum config_action action, const char *line)
{
    static char words[300];
    char *rest = words;
    snprintf(words, sizeof(words), "%s", line);
    config.words.count = 0;
    for (char *word; *line && (word = strsep(&rest, "|"));)
        config.words.words[config.words.count++] = word;
    answerer.asked[0] = '\0';
    said_begin();
    int status = ctl_run(&config, action);
    said_end();
    return status;
}

static void test_words_and_what_they_ask(void **state)
{
    static const struct {
        enum config_action action;
        const char *words, *asks;
    } rows[] = {
        {CONFIG_EXPLAIN, "", "GET /explain HTTP"},
        {CONFIG_EXPLAIN, "web1", "GET /explain/web1 HTTP"},
        {CONFIG_EXPLAIN, "explain", "GET /explain/explain HTTP"},
        {CONFIG_CTL, "drain|web1", "POST /endpoints/web1/drain HTTP"},
        {CONFIG_CTL, "undrain|web1", "POST /endpoints/web1/undrain HTTP"},
        {CONFIG_CTL, "disable|web1", "POST /endpoints/web1/disable HTTP"},
        {CONFIG_CTL, "enable|web1", "POST /endpoints/web1/enable HTTP"},
        {CONFIG_CTL, "weight|web1|9", "POST /endpoints/web1/weight?value=9 HTTP"},
        {CONFIG_CTL, "log-level|debug", "POST /log-level?value=debug HTTP"},
        {CONFIG_CTL, "pool", "GET /pool HTTP"},
        {CONFIG_CTL, "pause|shop", "POST /services/shop/pause HTTP"},
        {CONFIG_CTL, "resume|a/b", "POST /services/a%2Fb/resume HTTP"},
        {CONFIG_CTL, "share|shop|20", "POST /services/shop/share?value=20 HTTP"},
        {CONFIG_CTL, "config", "GET /config HTTP"},
        {CONFIG_CTL, "explain|web1", "GET /explain/web1 HTTP"},
        /* a word cannot become more than one part of the path */
        {CONFIG_CTL, "drain|a/../b", "POST /endpoints/a%2F..%2Fb/drain HTTP"},
        {CONFIG_CTL, "drain|a b\r\n?&%#\377~_-.",
         "POST /endpoints/a%20b%0D%0A%3F%26%25%23%FF~_-./"
         "drain HTTP"},
        {CONFIG_CTL, "weight|a|1&x=2", "POST /endpoints/a/weight?value=1%26x%3D2 HTTP"},
        {CONFIG_CTL, "drain|10.0.0.1:80", "POST /endpoints/10.0.0.1%3A80/drain HTTP"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int status = run_ctl(rows[i].action, rows[i].words);
        if (status != 0 || strncmp(answerer.asked, rows[i].asks, strlen(rows[i].asks)) != 0)
            fail_msg("%s: %d %s", rows[i].words, status, answerer.asked);
    }
}

static void test_what_is_refused_without_asking(void **state)
{
    static const struct {
        enum config_action action;
        const char *words, *says;
    } rows[] = {
        {CONFIG_CTL, "", "lb: this is what lb ctl takes"},
        {CONFIG_CTL, "drian|web1",
         "lb: \"drian\": there is no such order; did you mean lb ctl drain? see lb ctl --help\n"},
        {CONFIG_CTL, "xyzzy",
         "lb: \"xyzzy\": there is no such order; see lb ctl --help\nlb: this is what lb ctl takes"},
        {CONFIG_CTL, "drain",
         "lb: lb ctl drain: CONTAINER is missing; give lb ctl drain CONTAINER\n"},
        {CONFIG_CTL, "weight|web1", "lb: lb ctl weight web1: 1..256|default is missing; give"},
        {CONFIG_CTL, "drain|web1|web2",
         "lb: lb ctl drain web1: takes nothing behind that: web2; give lb ctl drain CONTAINER\n"},
        {CONFIG_EXPLAIN, "web1|web2",
         "lb: lb explain web1: takes nothing behind that: web2; give lb explain "
         "[CONTAINER|SERVICE|URL]\n"},
        {CONFIG_CTL, "dr\033[2Jain|x", "lb: \"dr\\x1b[2Jain\": there is no such order; did"},
        {CONFIG_CTL, "drai\033|x", "lb: \"drai\\x1b\": there is no such order; did you mean"},
        {CONFIG_CTL, "drain|a\033[2J|b\177\n",
         "drain a\\x1b[2J: takes nothing behind that: b\\x7f\\x0a; give"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int status = run_ctl(rows[i].action, rows[i].words);
        if (status != 2)
            fail_msg("%s: %d", rows[i].words, status);
        assert_said(rows[i].says);
        assert_null(strchr(said.bytes, '\033'));
        assert_string_equal(said_out.bytes, "");
        assert_string_equal(answerer.asked, "");
    }
}

static void test_answers_and_where_they_are_printed(void **state)
{
    static const struct {
        const char *words, *answer;
        int status;
        const char *out, *err;
    } rows[] = {
        {"pool", "HTTP/1.1 200 OK\r\n" OF(4) "a\nb\n", 0, "a\nb\n", ""},
        {"pool", "HTTP/1.1 200 OK\r\n" OF(6) "a\033[2Jb", 0, "a\\x1b[2Jb", ""},
        {"drain|x", "HTTP/1.1 200 OK\r\n" OF(15) "{\"message\":\"m\"}", 0, "m\n", ""},
        {"drain|x", "HTTP/1.1 404 No\r\n" OF(15) "{\"message\":\"m\"}", 1, "", "lb: m\n"},
        {"pool", "HTTP/1.1 401 No\r\n" OF(15) "{\"message\":\"m\"}", 1, "", "lb: m\n"},
        {"drain|x", "HTTP/1.1 200 OK\r\n" OF(23) "{\"message\":\"\\u001b[2J\"}", 0, "\\x1b[2J\n",
         ""},
        {"drain|x", "HTTP/1.1 503 No\r\n" OF(7) "no JSON", 1, "", "lb: no JSON\n"},
        {"drain|x", "HTTP/1.1 503 No\r\n" OF(13) "{\"message\":5}", 1, "", "lb: {\"message\":5}\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        answerer.answer = rows[i].answer;
        assert_int_equal(run_ctl(CONFIG_CTL, rows[i].words), rows[i].status);
        assert_string_equal(said_out.bytes, rows[i].out);
        assert_string_equal(said.bytes, rows[i].err);
    }
    answerer.answer = "";
    assert_int_equal(run_ctl(CONFIG_CTL, "pool"), 1);
    assert_said("lb: 127.0.0.1:");
    assert_said("does not answer");
}

static void test_help_lists_all_orders(void **state)
{
    static const char *const orders[] = {"drain CONTAINER",
                                         "undrain CONTAINER",
                                         "disable CONTAINER",
                                         "enable CONTAINER",
                                         "weight CONTAINER 1..256|default",
                                         "log-level debug|info|warn|error",
                                         "pool",
                                         "config"};
    (void)state;
    said_begin();
    ctl_print_help(CONFIG_CTL_HELP);
    said_end();
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        char line[80];
        snprintf(line, sizeof(line), "\n  lb ctl %s\n", orders[i]);
        assert_non_null(strstr(said_out.bytes, line));
    }
    said_begin();
    ctl_print_help(CONFIG_EXPLAIN_HELP);
    said_end();
    assert_non_null(strstr(said_out.bytes, "\n  lb explain CONTAINER "));
    assert_null(strstr(said_out.bytes, "drain"));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_ctl, close_ctl)
    const struct CMUnitTest tests[] = {
        TEST(test_words_and_what_they_ask),
        TEST(test_what_is_refused_without_asking),
        TEST(test_answers_and_where_they_are_printed),
        TEST(test_help_lists_all_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
