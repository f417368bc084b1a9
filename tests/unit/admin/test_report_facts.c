/* What is told of lb-report's deliveries, by a page that another process writes. */
#include "lb/admin/report_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/contract/report.h"

static struct text out;
static struct outbox outbox = {.socket = -1, .dropped_count = 3};
static struct access_log access_log;

static const char *json_of(const struct report_facts *facts)
{
    struct json_writer json;
    text_clear(&out);
    json_writer_init(&json, &out);
    report_facts_write(facts, &json);
    return text_str(&out);
}

static const char *metrics_of(const struct report_facts *facts)
{
    struct prometheus_text writer = {.out = &out};
    text_clear(&out);
    report_facts_write_metrics(facts, &writer);
    return text_str(&out);
}

static int end(void **state)
{
    (void)state;
    text_fini(&out);
    return 0;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static int page_of(const void *bytes, size_t len)
{
    int fd = memfd_create("counts", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes, len), len);
    return fd;
}

static struct report_facts facts_of(int fd)
{
    return (struct report_facts){.has_gelf = true,
                                 .has_sentry = true,
                                 .counts_fd = fd,
                                 .outbox = &outbox,
                                 .access_log = &access_log};
}

static void test_counts(void **state)
{
    struct report_counts counts = {.start_count = 2,
                                   .gelf_sent = 10,
                                   .gelf_sent_bytes = 900,
                                   .gelf_dropped_queue = 1,
                                   .gelf_dropped_error = 4,
                                   .gelf_reconnects = 6,
                                   .gelf_waiting = 5,
                                   .sentry_sent = 20,
                                   .sentry_dropped_queue = 7,
                                   .sentry_dropped_rate_limit = 8,
                                   .sentry_dropped_error = 9,
                                   .sentry_grouped = 11,
                                   .sentry_waiting = 12,
                                   .sentry_limited_until_ns = UINT64_C(4102444800000000000),
                                   .last_error_ns = UINT64_C(1000000000),
                                   .last_error = "nobody listens"};
    struct report_facts facts = facts_of(page_of(&counts, sizeof(counts)));
    (void)state;
    has(json_of(&facts),
        "{\"starts\":2,\"outbox_dropped\":{\"access\":0,\"log\":0,\"incident\":3},"
        "\"gelf\":{\"sent\":10,\"sent_bytes\":900,\"waiting\":5,\"dropped_queue\":1,"
        "\"dropped_error\":4,\"reconnects\":6},"
        "\"sentry\":{\"sent\":20,\"waiting\":12,\"grouped\":11,\"dropped_queue\":7,"
        "\"dropped_rate_limit\":8,\"dropped_error\":9,\"limited_until\":\"2100-01-01T00:00:00");
    has(text_str(&out),
        "\"last_error\":\"nobody listens\",\"last_error_at\":\"1970-01-01T00:00:01");
    has(metrics_of(&facts), "\nlb_report_starts_total 2\n");
    has(text_str(&out), "\nlb_report_sent_total{by=\"gelf\"} 10\n");
    has(text_str(&out), "\nlb_report_sent_total{by=\"sentry\"} 20\n");
    has(text_str(&out), "\nlb_report_dropped_total{by=\"gelf\",reason=\"queue\"} 1\n");
    has(text_str(&out), "\nlb_report_dropped_total{by=\"gelf\",reason=\"error\"} 4\n");
    has(text_str(&out), "\nlb_report_dropped_total{by=\"sentry\",reason=\"queue\"} 7\n");
    has(text_str(&out), "\nlb_report_dropped_total{by=\"sentry\",reason=\"rate_limit\"} 8\n");
    has(text_str(&out), "\nlb_report_dropped_total{by=\"sentry\",reason=\"error\"} 9\n");
    has(text_str(&out), "\nlb_report_waiting{by=\"gelf\"} 5\n");
    has(text_str(&out), "\nlb_report_waiting{by=\"sentry\"} 12\n");
    has(text_str(&out), "\nlb_report_outbox_dropped_total{what=\"incident\"} 3\n");
    close(facts.counts_fd);
}

static void test_only_what_there_is(void **state)
{
    struct report_counts counts = {.gelf_sent = 10};
    struct report_facts facts = facts_of(page_of(&counts, sizeof(counts)));
    (void)state;
    facts.has_sentry = false;
    assert_true(report_facts_are_any(&facts));
    assert_false(report_facts_are_any(&(struct report_facts){0}));
    assert_null(strstr(json_of(&facts), "sentry"));
    assert_null(strstr(text_str(&out), "last_error"));
    assert_null(strstr(metrics_of(&facts), "sentry"));
    close(facts.counts_fd);
}

/* The page is foreign: shorter than it should be, or full of anything. */
static void test_a_page_of_anything(void **state)
{
    unsigned char bytes[sizeof(struct report_counts)];
    (void)state;
    memset(bytes, 0xFF, sizeof(bytes));
    struct report_facts facts = facts_of(page_of(bytes, sizeof(bytes)));
    has(json_of(&facts), "\"last_error\":\"\xEF\xBF\xBD");
    assert_true(out.len < 4000);
    has(metrics_of(&facts), "lb_report_starts_total 18446744073709551615\n");
    close(facts.counts_fd);
    facts.counts_fd = page_of(bytes, sizeof(bytes) - 1);
    has(json_of(&facts), "{\"starts\":0,");
    assert_null(strstr(text_str(&out), "last_error"));
    close(facts.counts_fd);
    facts.counts_fd = -1;
    has(metrics_of(&facts), "lb_report_starts_total 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_only_what_there_is),
        cmocka_unit_test(test_a_page_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
