/* What lb-report is told, from snapshot to snapshot, with lines, first contacts and time of a test. */
#include "tests/unit/follow/publisher_case.h"

#include "lb/follow/incidents.h"

#include <stdio.h>

static struct outbox outbox;
static struct incidents incidents;
static struct text changes, sent; /* a line for each change, and for each incident */
static unsigned sent_count;

void __wrap_outbox_send(struct outbox *out, enum report_kind kind, struct view object);
void __wrap_outbox_send(struct outbox *out, enum report_kind kind, struct view object)
{
    struct text *lines = kind == REPORT_CHANGE ? &changes : &sent;
    assert_ptr_equal(out, &outbox);
    assert_true(kind == REPORT_CHANGE || kind == REPORT_INCIDENT);
    sent_count += kind == REPORT_INCIDENT;
    text_append(lines, object);
    text_append_char(lines, '\n');
}

static void forget(void)
{
    text_clear(&changes);
    text_clear(&sent);
    sent_count = 0;
}

static int open_case(void **state)
{
    open_publisher(state);
    outbox_init(&outbox, 1);
    incidents_open(&incidents, &loop, &outbox, &publisher.membership, false);
    publisher.incidents = &incidents;
    forget();
    return 0;
}

static int close_case(void **state)
{
    incidents_close(&incidents);
    incidents_close(&incidents);
    text_fini(&changes);
    text_fini(&sent);
    return close_publisher(state);
}

static bool has(const struct text *lines, const char *words)
{
    return strstr(text_str(lines), words) != NULL;
}

/* One incident with these words, and no other. */
static void check_one(const char *words, const char *more)
{
    if (sent_count != 1 || !has(&sent, words) || !has(&sent, more))
        fail_msg("want %s %s\ngot %s", words, more, text_str(&sent));
    forget();
}

static void check_none(void)
{
    assert_string_equal(text_str(&sent), "");
}

static void order(const char *id, enum endpoint_order what)
{
    orders_set(&publisher.orders, id, what);
    publisher_obey(&publisher);
    pretend_uv_settle();
}

#define BEGUN "\"kind\":\"no_endpoint\",\"phase\":\"begun\""
#define ENDED "\"kind\":\"no_endpoint\",\"phase\":\"ended\""

/* ---- services -------------------------------------------------------------------------------- */

static void test_a_service_that_had_somebody(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    check_none();
    take(APP(TWO));
    check_none();
    take(APP(""));
    check_one(BEGUN ",\"subject\":\"app\",\"service\":\"app\",\"host\":\"", "\"level\":\"error\"");
    pretend_uv_pass(20000);
    check_none();
    take_ready(APP(ONE));
    check_one(ENDED, "\"lasted_seconds\":20.");
    pretend_uv_pass(20000);
    check_none();
}

static void test_one_that_is_not_told_of_any_more(void **state)
{
    (void)state;
    take_ready(LINE(SERVICE("app", ONE)));
    take(LINE(""));
    check_one(BEGUN, "\"service\":\"app\"");
    take_ready(APP(TWO));
    check_one(ENDED, "\"level\":\"info\"");
}

#define ROUTED(services)                                                                           \
    "{\"v\":2,\"services\":[" services "],\"routes\":[{\"path\":\"/b\",\"service\":\"b\"}]}"

/* It is told as one that has nobody, and its place is the first to be given away. */
static void test_one_that_is_in_no_snapshot(void **state)
{
    (void)state;
    take_ready(ROUTED(SERVICE("b", ONE)));
    take(LINE(""));
    check_one(BEGUN, "\"service\":\"b\"");
    assert_true(incidents.spells.items[0].is_gone);
    take(ROUTED(SERVICE("b", ONE))); /* nobody has reached it yet */
    assert_false(incidents.spells.items[0].is_gone);
    check_none();
    take_ready(ROUTED(SERVICE("b", TWO)));
    check_one(ENDED, "\"service\":\"b\"");
}

/* It may only be on its way. */
static void test_one_that_never_had_anybody(void **state)
{
    (void)state;
    take(APP(""));
    pretend_uv_pass(20000);
    check_none();
    take(APP(ONE));
    pretend_uv_pass(INCIDENTS_PATIENCE_MS - 1000);
    check_none();
    pretend_uv_pass(3000);
    check_one(BEGUN, "\"level\":\"error\"");
    take(APP("")); /* no more than before */
    check_none();
    take_ready(APP(TWO));
    check_one(ENDED, "\"lasted_seconds\":1");
}

static void test_one_that_comes_in_time(void **state)
{
    (void)state;
    take(APP(ONE));
    pretend_uv_pass(5000);
    world_connect(latest(), 0);
    pretend_uv_pass(20000);
    take(APP(TWO)); /* the other one is not ready yet */
    check_one(BEGUN, "\"level\":\"error\"");
}

static void test_what_an_operator_ordered(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    order("one", ENDPOINT_ORDER_DRAIN);
    check_none();
    order("two", ENDPOINT_ORDER_DISABLE);
    check_one(BEGUN, "\"level\":\"info\"");
    order("one", ENDPOINT_ORDER_NONE);
    check_one(ENDED, "\"level\":\"info\"");
}

/* One by order, the other by itself: that is not what was meant. */
static void test_what_was_ordered_for_a_part(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    order("one", ENDPOINT_ORDER_DISABLE);
    take(APP(ONE "," ENDPOINT("two", "10.0.0.2", ",\"container\":\"x\"")));
    check_none();
    take(LINE(SERVICE("app",
                      ONE ",{\"id\":\"two\",\"name\":\"two\",\"address\":\"10.0.0.2\",\"port\":80,"
                          "\"state\":\"unhealthy\"}")));
    check_one(BEGUN, "\"level\":\"error\"");
}

static void test_orders_that_are_taken_back_in_vain(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    order("one", ENDPOINT_ORDER_DISABLE);
    check_one(BEGUN, "\"level\":\"info\"");
    take(
        LINE(SERVICE("app", "{\"id\":\"one\",\"name\":\"one\",\"address\":\"10.0.0.1\",\"port\":80,"
                            "\"state\":\"unhealthy\"}")));
    order("one", ENDPOINT_ORDER_NONE);
    check_none();
    pretend_uv_pass(INCIDENTS_PATIENCE_MS + 2000);
    check_one(BEGUN, "\"level\":\"error\"");
    take_ready(APP(ONE));
    check_one(ENDED, "lasted_seconds\":1");
}

static void test_a_panic(void **state)
{
    (void)state;
    publisher.rules.policy.panic_below_percent = 70;
    take_ready(APP(ONE "," TWO));
    for (unsigned i = 0; i < 3; i++)
        outlier_note_failure(endpoint_of("two"), &publisher.rules.policy.outlier);
    publisher_note_suspect(&publisher);
    pretend_uv_settle();
    assert_int_equal(sent_count, 2);
    assert_true(has(&sent, "\"kind\":\"ejection\",\"phase\":\"happened\",\"subject\":\"app/two\""));
    assert_true(
        has(&sent, "\"endpoint\":\"10.0.0.2:80\",\"container\":{\"name\":\"two\",\"id\":\"two\"}"));
    assert_true(has(&sent, "\"kind\":\"panic\",\"phase\":\"begun\",\"subject\":\"app\""));
    assert_true(has(&changes, "\"message\":\"two ejected\""));
    forget();
    take(APP(ONE));
    check_one("\"kind\":\"panic\",\"phase\":\"ended\"", "\"lasted_seconds\":");
}

static void let_fail(const char *name)
{
    for (unsigned i = 0; i < 3; i++)
        outlier_note_failure(endpoint_of(name), &publisher.rules.policy.outlier);
    publisher_note_suspect(&publisher);
    pretend_uv_settle();
}

/* The only one refuses: it stays in, as nobody else is there, and it is nobody who is well. */
static void test_all_refuse(void **state)
{
    (void)state;
    publisher.rules.policy.panic_below_percent = 50;
    take_ready(APP(ONE));
    let_fail("one");
    check_one(BEGUN, "nobody good left");
    outlier_note_success(endpoint_of("one"));
    publisher_note_suspect(&publisher);
    pretend_uv_settle();
    check_one(ENDED, "lasted_seconds");
}

/* Control hears of it after the worker has noted the request. */
static void eject_two(struct view target)
{
    take_ready(APP(ONE "," TWO));
    forget();
    witness_note(&endpoint_of("two")->places->last_straw, VIEW("http"), VIEW("shop.test"), target,
                 VIEW("c0ffee"));
    let_fail("two");
}

static void test_an_ejection_with_its_last_straw(void **state)
{
    (void)state;
    eject_two(VIEW("/cart\"\xff?token=hush"));
    check_one("\"kind\":\"ejection\"",
              "\"trace_id\":\"c0ffee\",\"url\":\"http://shop.test/cart\\\"\xEF\xBF\xBD\"}");
}

static void test_queries_where_they_are_asked_for(void **state)
{
    (void)state;
    incidents.tells_queries = true;
    eject_two(VIEW("/cart?token=x"));
    check_one("\"kind\":\"ejection\"", "\"url\":\"http://shop.test/cart?token=x\"}");
}

/* ---- containers ------------------------------------------------------------------------------ */

#define IMAGE ",\"image\":\"shop:7\",\"container\":\"c0ffee\""

static void come_and_go(unsigned count, bool drains)
{
    for (unsigned i = 0; i < count; i++) {
        take_ready(APP(
            TWO "," ENDPOINT("one:80", "10.0.0.1", IMAGE) "," ENDPOINT("one", "10.0.0.3", IMAGE)));
        if (drains)
            take(APP(TWO ",{\"id\":\"one\",\"name\":\"one\",\"address\":\"10.0.0.3\",\"port\":80,"
                         "\"state\":\"draining\"}"));
        else
            take(APP(TWO "," ENDPOINT("one", "10.0.0.3", IMAGE)));
        take(APP(TWO));
        pretend_uv_pass(1000);
    }
}

static void test_a_container_that_comes_and_goes(void **state)
{
    (void)state;
    come_and_go(5, false);
    check_none();
    take(APP(TWO "," ENDPOINT("one", "10.0.0.3", IMAGE)));
    check_one("\"kind\":\"container_crash_loop\",\"phase\":\"happened\",\"subject\":\"app/one\"",
              "\"container\":{\"name\":\"one\",\"id\":\"c0ffee\",\"image\":\"shop:7\"}");
    take(APP(TWO));
    come_and_go(6, false);
    check_one("container_crash_loop", "\"subject\":\"app/one:80\"");
}

static void test_one_that_is_told_to_end(void **state)
{
    (void)state;
    take_ready(APP(TWO));
    for (unsigned i = 0; i < 8; i++) {
        take_ready(APP(TWO "," ENDPOINT("one", "10.0.0.3", "")));
        take(APP(TWO ",{\"id\":\"one\",\"name\":\"one\",\"address\":\"10.0.0.3\",\"port\":80,"
                     "\"state\":\"draining\"}"));
        take(APP(TWO));
    }
    check_none();
}

/* ---- changes --------------------------------------------------------------------------------- */

static void test_changes(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    assert_true(has(&changes,
                    "\"level\":\"info\",\"message\":\"one ready\",\"data\":{\"service\":\"app\","));
    assert_true(
        has(&changes, "\"endpoint\":\"10.0.0.1:80\",\"before\":\"probing\",\"after\":\"ready\""));
    assert_false(has(&changes, "one probing")); /* of the first snapshot: all is new */
    forget();
    take(APP(""));
    assert_true(has(&changes, "\"level\":\"warning\",\"message\":\"one gone\""));
}

static void test_of_very_many_the_first_few_are_told(void **state)
{
    struct text line = TEXT_INIT;
    (void)state;
    take(LINE(""));
    text_append_str(&line, "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0; i < 40; i++)
        text_appendf(&line,
                     "%s{\"id\":\"e%u\",\"name\":\"e%u\",\"address\":\"10.0.1.%u\",\"port\":80,"
                     "\"state\":\"ready\"}",
                     i > 0 ? "," : "", i, i, i + 1);
    text_append_str(&line, "]}]}");
    take(text_str(&line));
    unsigned count = 0;
    for (const char *at = text_str(&changes); *at; at++)
        count += *at == '\n';
    assert_int_equal(count, REPORTING_CHANGES_MAX);
    pretend_uv_pass(1100);
    assert_true(has(&changes, "\"message\":\"and 10 more changes within a second\""));
    text_fini(&line);
}

/* ---- discovery ------------------------------------------------------------------------------- */

#define ALIVE "{\"v\":1,\"alive\":{\"connected\":true,\"events\":{},\"resyncs\":{}}}"
#define AWAY                                                                                       \
    "{\"v\":1,\"alive\":{\"connected\":false,\"events\":{},\"resyncs\":{},\"obstacle\":{\"why\":"  \
    "\"the engine is away\",\"remedy\":\"Start it.\",\"since_ns\":1}}}"

static void pass_seconds(unsigned count)
{
    while (count-- > 0)
        pretend_uv_pass(1000);
}

static void test_discovery_that_is_lost(void **state)
{
    (void)state;
    take(AWAY);
    pass_seconds(5);
    take(ALIVE);
    pass_seconds(20);
    check_none(); /* a connection that was made anew */
    take(AWAY);
    pass_seconds(INCIDENTS_PATIENCE_MS / 1000 + 3);
    check_one("\"kind\":\"discovery_lost\",\"phase\":\"begun\",\"subject\":\"discovery\"",
              "the engine is away. Start it.\"");
    pass_seconds(20);
    check_none();
    take(ALIVE);
    pass_seconds(2);
    check_one("\"kind\":\"discovery_lost\",\"phase\":\"ended\"", "\"lasted_seconds\":3");
}

static void test_nobody_is_to_be_told(void **state)
{
    (void)state;
    incidents_close(&incidents);
    take_ready(APP(ONE));
    take(APP(""));
    outbox_init(&outbox, -1);
    incidents_open(&incidents, &loop, &outbox, &publisher.membership, false);
    take_ready(APP(ONE));
    take(APP(""));
    pretend_uv_pass(20000);
    check_none();
    assert_string_equal(text_str(&changes), "");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_case, close_case)
    const struct CMUnitTest tests[] = {
        TEST(test_a_service_that_had_somebody),
        TEST(test_one_that_is_not_told_of_any_more),
        TEST(test_one_that_is_in_no_snapshot),
        TEST(test_one_that_never_had_anybody),
        TEST(test_one_that_comes_in_time),
        TEST(test_what_an_operator_ordered),
        TEST(test_what_was_ordered_for_a_part),
        TEST(test_orders_that_are_taken_back_in_vain),
        TEST(test_a_panic),
        TEST(test_an_ejection_with_its_last_straw),
        TEST(test_queries_where_they_are_asked_for),
        TEST(test_all_refuse),
        TEST(test_a_container_that_comes_and_goes),
        TEST(test_one_that_is_told_to_end),
        TEST(test_changes),
        TEST(test_of_very_many_the_first_few_are_told),
        TEST(test_discovery_that_is_lost),
        TEST(test_nobody_is_to_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
