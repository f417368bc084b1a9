/* What is told of the processes of lb, and what lb ctl upgrade makes of it. */
#include "lb/admin/process_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/admin/upgrade_order.h"

#define SECOND_NS UINT64_C(1000000000)

static struct text out;

static const char *json_of(const struct process_facts *facts)
{
    struct json_writer json;
    text_clear(&out);
    json_writer_init(&json, &out);
    process_facts_write(facts, &json);
    return text_str(&out);
}

static const char *metrics_of(const struct process_facts *facts)
{
    struct prometheus_text writer = {.out = &out};
    text_clear(&out);
    process_facts_write_metrics(facts, &writer);
    return text_str(&out);
}

static int end(void **state)
{
    (void)state;
    text_fini(&out);
    return 0;
}

static struct channel_history crashed(void)
{
    return (struct channel_history){.start_count = 4,
                                    .crashes_in_a_row = 3,
                                    .is_crash_loop = 1,
                                    .lost_request_count = 7,
                                    .last_crash_ns = 1000 * SECOND_NS,
                                    .last_crash = "signal 11 (SIGSEGV)",
                                    .crashes = {{"SIGSEGV", 2}, {"exit", 1}}};
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static void test_nothing_happened(void **state)
{
    struct channel_history history = {.start_count = 1};
    struct process_facts facts = {0};
    (void)state;
    process_facts_begin(&facts, &history, "off");
    assert_int_equal(facts.pid, getpid());
    assert_false(process_facts_is_looping(&facts, facts.started_ns));
    has(json_of(&facts), "\"starts\":1,\"crashes\":{},\"crash_loop\":false,\"lost_requests\":0");
    assert_null(strstr(text_str(&out), "last_"));
    has(metrics_of(&facts), "\nlb_process_starts_total 1\n");
    has(text_str(&out), "\nlb_lost_requests_total 0\n");
    assert_null(strstr(text_str(&out), "crash_timestamp"));
    assert_null(strstr(text_str(&out), "lb_crashes_total"));
}

static void test_crashes_are_told_by_reason(void **state)
{
    struct channel_history history = crashed();
    struct process_facts facts = {0};
    (void)state;
    process_facts_begin(&facts, &history, "seccomp");
    has(json_of(&facts), "\"jail\":\"seccomp\"");
    has(text_str(&out), "\"crashes\":{\"SIGSEGV\":2,\"exit\":1},\"crash_loop\":true");
    has(text_str(&out), "\"last_crash\":\"signal 11 (SIGSEGV)\"");
    has(text_str(&out), "\"last_crash_at\":\"1970-01-01T00:16:40");
    has(metrics_of(&facts), "\nlb_crashes_total{reason=\"SIGSEGV\"} 2\n");
    has(text_str(&out), "\nlb_crashes_total{reason=\"exit\"} 1\n");
    has(text_str(&out), "\nlb_lost_requests_total 7\n");
    has(text_str(&out), "\nlb_last_crash_timestamp_seconds 1000");
}

static void test_a_loop_is_over_after_a_minute(void **state)
{
    struct channel_history history = crashed();
    struct process_facts facts = {0};
    (void)state;
    process_facts_begin(&facts, &history, "");
    assert_true(process_facts_is_looping(&facts, facts.started_ns + 59 * SECOND_NS));
    assert_false(process_facts_is_looping(&facts, facts.started_ns + 60 * SECOND_NS));
    assert_false(process_facts_is_looping(&facts, facts.started_ns - SECOND_NS)); /* set back */
    text_clear(&out);
    process_facts_append_loop(&facts, &out);
    has(text_str(&out), "crashed 3 times in a row, the last time by signal 11 (SIGSEGV) at 1970-");
}

/* Of another process, and perhaps of another version. */
static void test_texts_have_an_end(void **state)
{
    struct channel_history history = crashed();
    struct process_facts facts = {0};
    (void)state;
    memset(history.last_crash, 'x', sizeof(history.last_crash));
    for (unsigned i = 0; i < CHANNEL_REASON_MAX; i++) {
        memset(history.crashes[i].word, 'a' + (int)i, sizeof(history.crashes[i].word));
        history.crashes[i].count = 1;
    }
    process_facts_begin(&facts, &history, "");
    has(json_of(&facts), "\"aaaaaaaaaaaaaaa\":1,");
    has(metrics_of(&facts), "{reason=\"hhhhhhhhhhhhhhh\"} 1\n");
}

static void test_news_are_counted(void **state)
{
    struct channel_history history = {.start_count = 2};
    struct process_facts facts = {0};
    (void)state;
    process_facts_begin(&facts, &history, "");
    process_facts_note_news(&facts, CHANNEL_UPGRADED, "");
    process_facts_note_news(&facts, CHANNEL_RENEWED, "");
    process_facts_note_news(&facts, CHANNEL_RENEWED, "");
    has(json_of(&facts), "\"upgrades\":1,\"renewals\":2");
    has(text_str(&out), "\"failures\":0}");
    process_facts_note_news(&facts, CHANNEL_NOT_UPGRADED, "it was not ready within 60 s");
    has(json_of(&facts), "\"failures\":1,\"last_failure\":\"last upgrade failed: it was not ready "
                         "within 60 s\",\"last_failure_at\":\"");
    process_facts_note_news(&facts, CHANNEL_NOT_RENEWED, "");
    has(json_of(&facts),
        "\"failures\":2,\"last_failure\":\"last renewal failed: no reason was given");
    has(metrics_of(&facts), "\nlb_upgrades_total 1\n");
    has(text_str(&out), "\nlb_renewals_total 2\n");
}

/* ---- lb ctl upgrade -------------------------------------------------------------------------- */

static void test_what_became_of_an_upgrade(void **state)
{
    const struct upgrade_order_view before = {.pid = 5, .upgrades = 1, .failures = 1};
    static const struct {
        struct upgrade_order_view now;
        enum upgrade_order_verdict verdict;
    } rows[] = {
        {{.pid = 5, .upgrades = 1, .failures = 1}, UPGRADE_ORDER_OPEN},
        {{.pid = 5, .upgrades = 1, .failures = 2}, UPGRADE_ORDER_FAILED},
        {{.pid = 6, .upgrades = 1, .failures = 0}, UPGRADE_ORDER_OPEN}, /* it crashed meanwhile */
        {{.pid = 6, .upgrades = 2, .failures = 0}, UPGRADE_ORDER_DONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(upgrade_order_judge(&before, &rows[i].now), rows[i].verdict);
}

static void test_what_the_page_tells_is_read(void **state)
{
    struct channel_history history = {.upgrade_count = 3};
    struct process_facts facts = {.upgrade_timeout_ms = 2000};
    struct upgrade_order_view view;
    (void)state;
    process_facts_begin(&facts, &history, "");
    process_facts_note_news(&facts, CHANNEL_NOT_UPGRADED, "why");
    json_of(&facts);
    assert_true(upgrade_order_read(&out, &view));
    assert_int_equal(view.pid, getpid());
    assert_int_equal(view.upgrades, 3);
    assert_int_equal(view.failures, 1);
    assert_int_equal(view.timeout_ms, 2000);
    assert_string_equal(view.version, LB_VERSION);
    assert_string_equal(view.failure, "last upgrade failed: why");
    text_clear(&out);
    text_append_str(&out, "[7");
    assert_false(upgrade_order_read(&out, &view));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_nothing_happened, end),
        cmocka_unit_test_teardown(test_crashes_are_told_by_reason, end),
        cmocka_unit_test_teardown(test_a_loop_is_over_after_a_minute, end),
        cmocka_unit_test_teardown(test_texts_have_an_end, end),
        cmocka_unit_test_teardown(test_news_are_counted, end),
        cmocka_unit_test_teardown(test_what_became_of_an_upgrade, end),
        cmocka_unit_test_teardown(test_what_the_page_tells_is_read, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
