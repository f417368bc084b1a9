/* What is wrong with the answers of an endpoint: one warning, with a piece that cannot do harm. */
#include "lb/crew/complaints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "tests/unit/support/said.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct endpoint *endpoint;

static int open_endpoint(void **state)
{
    struct endpoint_options options = {
        .id = "1", .name = "web1", .service = "s", .weight = 1, .worker_count = 1};
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &options.address));
    endpoint = endpoint_new(&options);
    return 0;
}

static int close_endpoint(void **state)
{
    (void)state;
    endpoint_unref(endpoint);
    return 0;
}

static void test_samples(void **state)
{
    static const struct {
        struct view sample;
        const char *shown;
    } rows[] = {
        {{"", 0}, "web1 (10.0.0.1:80): it says 0\n"},
        {{"HTTP/1.1 2000 OK", 16}, "it says 1: \"HTTP/1.1 2000 OK\"\n"},
        {{"a\r\nb", 4}, "it says 2: \"a\\r\\nb\"\n"},
        {{"\0\033[2J\177\377\"\\", 9}, "it says 3: \"\\x00\\x1b[2J\\x7f\\xff\\x22\\x5c\"\n"},
        {{"\303\251\342\200\256", 5}, "it says 4: \"\\xc3\\xa9\\xe2\\x80\\xae\"\n"},
        {{"%s%n", 4}, "it says 5: \"%s%n\"\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char sentence[20]; /* another one each time: what comes again within a minute is counted */
        snprintf(sentence, sizeof(sentence), "it says %zu", i);
        said_begin();
        complaints_say(endpoint, sentence, rows[i].sample);
        said_end();
        assert_said(rows[i].shown);
        assert_said("warn ");
        assert_int_equal(said_line_count(), 1);
    }
}

/* 80 bytes of it, and a sign that there was more. */
static void test_a_long_sample_is_cut(void **state)
{
    char sample[82], shown[100];
    (void)state;
    memset(sample, 'x', sizeof(sample));
    for (size_t len = 80; len <= 81; len++) {
        said_begin();
        complaints_say(endpoint, "it says much", view_of(sample, len));
        said_end();
        snprintf(shown, sizeof(shown), ": \"%.80s\"%s\n", sample, len > 80 ? " …" : "");
        assert_said(shown);
    }
}

static void test_a_route_in_doubt(void **state)
{
    (void)state;
    said_begin();
    complaints_of_doubt(VIEW("a.test ^(\033[2J+)+$"));
    said_end();
    assert_said("a regex of the route a.test ^(\\x1b[2J+)+$ takes too many steps");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_samples, open_endpoint, close_endpoint),
        cmocka_unit_test_setup_teardown(test_a_long_sample_is_cut, open_endpoint, close_endpoint),
        cmocka_unit_test(test_a_route_in_doubt),
    };
    log_open("lb", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
