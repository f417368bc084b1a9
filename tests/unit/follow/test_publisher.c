/* From what is wanted and what is observed to the next snapshot: when one is built, who gets it in
 * which order, and which orders it obeys. */
#include "tests/unit/follow/publisher_case.h"

/* ---- when ------------------------------------------------------------------------------------ */

static void test_a_line_makes_a_snapshot_for_all(void **state)
{
    (void)state;
    assert_false(publisher_has_usable(&publisher));
    assert_int_equal(take(APP(ONE)), MEMBERSHIP_CHANGED);
    check_told("orp");
    assert_int_equal(endpoint_of("one")->worker_count, 2);
    assert_true(publisher.published_ns > 0);
    assert_int_equal(state_of("one"), ENDPOINT_PROBING);
    assert_false(publisher_has_usable(&publisher));
    assert_int_equal(publisher.recent.last_number, 1);
}

static void test_a_first_contact_makes_the_next(void **state)
{
    (void)state;
    take(APP(ONE));
    text_clear(&told);
    world_connect(latest(), 0);
    check_told("orp");
    assert_int_equal(state_of("one"), ENDPOINT_READY);
    assert_true(publisher_has_usable(&publisher));
}

static void test_changes_that_come_at_once_make_one(void **state)
{
    (void)state;
    take(APP(ONE));
    text_clear(&told);
    for (unsigned i = 0; i < 5; i++)
        publisher.health.options.on_change(publisher.health.options.owner);
    check_told("");
    pretend_uv_settle();
    check_told("orp");
}

static void test_what_makes_none(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    assert_int_equal(take("{\"v\":9}"), MEMBERSHIP_REFUSED);
    assert_int_equal(take("{\"v\":1,\"alive\":{\"connected\":true,\"events\":{},\"resyncs\":{}}}"),
                     MEMBERSHIP_ALIVE);
    check_told("");
    assert_int_equal(state_of("one"), ENDPOINT_READY);
}

static void test_a_worker_met_one_that_fails(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    for (unsigned i = 0; i < 3; i++)
        outlier_note_failure(endpoint_of("two"), &publisher.rules.policy.outlier);
    publisher_note_suspect(&publisher);
    check_told("");
    pretend_uv_settle();
    check_told("orp");
    assert_int_equal(state_of("two"), ENDPOINT_EJECTED);
    assert_int_equal(state_of("one"), ENDPOINT_READY);
}

/* lb leaves. */
static void test_the_pool_stays_as_it_is_behind_the_end(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    for (unsigned i = 0; i < 3; i++)
        outlier_note_failure(endpoint_of("two"), &publisher.rules.policy.outlier);
    publisher_note_suspect(&publisher);
    publisher.health.options.on_change(publisher.health.options.owner);
    publisher.is_frozen = true;
    pretend_uv_settle();
    assert_int_equal(take(APP(ONE)), MEMBERSHIP_REFUSED);
    assert_int_equal(publisher.membership.bad_line_count, 0);
    orders_set(&publisher.orders, "one", ENDPOINT_ORDER_DRAIN);
    assert_true(publisher_obey(&publisher)); /* for the next lb */
    assert_int_equal(access(path, R_OK), 0);
    check_told("");
    assert_int_equal(state_of("one"), ENDPOINT_READY);
    assert_false(endpoint_of("two")->is_ejected);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void test_orders_take_effect_and_outlast_lb(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    orders_set(&publisher.orders, "one", ENDPOINT_ORDER_DRAIN);
    assert_true(publisher_obey(&publisher));
    check_told("orp");
    assert_int_equal(state_of("one"), ENDPOINT_DRAINING);
    end();
    begin();
    take_ready(APP(ONE "," TWO));
    assert_int_equal(state_of("one"), ENDPOINT_DRAINING);
    assert_int_equal(state_of("two"), ENDPOINT_READY);
}

static void test_orders_of_what_has_gone_are_forgotten(void **state)
{
    struct orders kept = {0};
    struct text problem = TEXT_INIT;
    (void)state;
    take_ready(APP(ONE "," TWO));
    orders_set(&publisher.orders, "one", ENDPOINT_ORDER_DRAIN);
    orders_set(&publisher.orders, "two", ENDPOINT_ORDER_DISABLE);
    publisher_obey(&publisher);
    take(APP(TWO));
    assert_int_equal(publisher.orders.count, 1);
    assert_true(orders_file_read(path, &kept, &problem));
    assert_int_equal(kept.count, 1);
    assert_string_equal(kept.orders[0].id, "two");
    take_ready(APP(ONE "," TWO)); /* another one of that name */
    assert_int_equal(state_of("one"), ENDPOINT_READY);
    orders_fini(&kept);
    text_fini(&problem);
}

static void test_orders_that_cannot_be_kept_take_effect(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    free(publisher.state_path);
    publisher.state_path = strdup("/tmp/no/such/folder");
    orders_set(&publisher.orders, "one", ENDPOINT_ORDER_DRAIN);
    assert_false(publisher_obey(&publisher));
    assert_int_equal(state_of("one"), ENDPOINT_DRAINING);
    free(publisher.state_path);
    publisher.state_path = NULL; /* nobody asked to keep them */
    assert_true(publisher_obey(&publisher));
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* The sum has room for any number of starts, whatever times the source tells. */
static void test_how_long_a_start_took(void **state)
{
    static const int64_t day_ms = 86400 * 1000;
    const int64_t now_ms = (int64_t)(loop_wall_ns(&loop) / 1000000);
    const struct {
        const char *cause;
        int64_t since_ms;
        bool is_counted;
    } rows[] = {
        {"start", 300, true},
        {"health", 300, false},
        {"start", -60000, false}, /* by another clock */
        {"start", -365 * day_ms, false},
        {"start", day_ms - 60000, true},
        {"start", day_ms + 60000, false},
        {"start", now_ms, false}, /* in 1970, or unknown */
        {"start", now_ms - 1, false},
        {"start", now_ms - INT64_MAX / 1000000, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[400];
        int64_t now_ns = (int64_t)loop_wall_ns(&loop);
        snprintf(line, sizeof(line),
                 APP("{\"id\":\"one\",\"name\":\"one\",\"address\":"
                     "\"10.0.0.1\",\"port\":80,\"state\":\"ready\","
                     "\"cause\":\"%s\",\"cause_time_ns\":%lld}"),
                 rows[i].cause, (long long)(now_ns - rows[i].since_ms * 1000000));
        take(line);
        assert_int_equal(histogram_count(&publisher.activations), 0);
        world_connect(latest(), 0);
        if (histogram_count(&publisher.activations) != rows[i].is_counted)
            fail_msg("row %zu", i);
        assert_int_equal(counter_get(&publisher.activations.sum_ns),
                         rows[i].is_counted ? (uint64_t)rows[i].since_ms * 1000000 : 0);
        close_publisher(state);
        open_publisher(state);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_publisher, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_a_line_makes_a_snapshot_for_all),
        TEST(test_a_first_contact_makes_the_next),
        TEST(test_changes_that_come_at_once_make_one),
        TEST(test_what_makes_none),
        TEST(test_a_worker_met_one_that_fails),
        TEST(test_the_pool_stays_as_it_is_behind_the_end),
        TEST(test_orders_take_effect_and_outlast_lb),
        TEST(test_orders_of_what_has_gone_are_forgotten),
        TEST(test_orders_that_cannot_be_kept_take_effect),
        TEST(test_how_long_a_start_took),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
