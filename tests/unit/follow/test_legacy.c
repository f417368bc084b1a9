/* What one publisher leaves to the next: the world, orders, and who was not in use. */
#include "lb/follow/legacy.h"

#include <sys/mman.h>

#include "tests/unit/follow/publisher_case.h"

static struct legacy legacy;
static int world_fd, orders_fd;

static int open_both(void **state)
{
    world_fd = memfd_create("world", MFD_CLOEXEC);
    orders_fd = memfd_create("orders", MFD_CLOEXEC);
    legacy_open(&legacy, world_fd, orders_fd);
    legacy_keep(&legacy, true);
    open_publisher(state);
    publisher_leave_to(&publisher, &legacy);
    return 0;
}

static int close_both(void **state)
{
    close(world_fd);
    close(orders_fd);
    return close_publisher(state);
}

/* The process ends, and another one begins: gives whether it took both. */
static bool begin_again(void)
{
    struct orders orders = {0};
    struct legacy_doubts doubts;
    struct text line = TEXT_INIT, problem = TEXT_INIT;
    end();
    begin();
    legacy_open(&legacy, world_fd, orders_fd);
    bool is_good = legacy_read_rest(&legacy, loop_now_ms(&loop), &orders, &doubts, &problem);
    is_good = legacy_read_world(&legacy, &line) && is_good;
    is_good = publisher_recall(&publisher, &orders, text_view(&line), &doubts) && is_good;
    legacy_doubts_fini(&doubts);
    orders_fini(&orders);
    text_fini(&line);
    text_fini(&problem);
    return is_good;
}

static void test_who_was_ready_is_ready_at_once(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    take(APP(ONE "," TWO)); /* whom nobody has reached yet */
    unsigned count = connect_count();
    assert_true(begin_again());
    check_told("orp");
    assert_int_equal(state_of("one"), ENDPOINT_READY);
    assert_int_equal(state_of("two"), ENDPOINT_PROBING);
    assert_int_equal(connect_count(), count + 1);
    world_connect(latest(), 0);
    assert_int_equal(state_of("two"), ENDPOINT_READY);
}

static void test_who_failed_is_asked_first(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    for (unsigned i = 0; i < 3; i++)
        outlier_note_failure(endpoint_of("two"), &publisher.rules.policy.outlier);
    publisher_note_suspect(&publisher);
    pretend_uv_settle();
    assert_int_equal(state_of("two"), ENDPOINT_EJECTED);
    assert_true(begin_again());
    assert_int_equal(state_of("one"), ENDPOINT_READY);
    assert_int_equal(state_of("two"), ENDPOINT_PROBING);
}

static void test_a_newcomer_of_later_is_not_trusted(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    assert_true(begin_again());
    take(APP(ONE "," TWO));
    assert_int_equal(state_of("one"), ENDPOINT_READY);
    assert_int_equal(state_of("two"), ENDPOINT_PROBING);
}

static void test_it_is_the_last_known_world_until_discovery_tells(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    assert_true(begin_again());
    assert_true(publisher.membership.is_recalled);
    assert_int_equal(publisher.membership.line_count, 0);
    assert_int_equal(publisher.membership.last_line_ns, 0);
    take(APP(TWO));
    assert_false(publisher.membership.is_recalled);
    assert_int_equal(publisher.membership.line_count, 1);
    assert_null(endpoint_of("one"));
}

static void test_orders_hold(void **state)
{
    (void)state;
    take_ready(APP(ONE "," TWO));
    orders_set(&publisher.orders, "two", ENDPOINT_ORDER_DRAIN);
    orders_set_weight(&publisher.orders, "one", 7);
    service_orders_share(&publisher.orders.services, "app", 30);
    assert_true(publisher_obey(&publisher));
    unlink(path); /* --state has nothing to do with it */
    assert_true(begin_again());
    assert_int_equal(state_of("two"), ENDPOINT_DRAINING);
    assert_int_equal(endpoint_weight(endpoint_of("one")), 7);
    assert_int_equal(service_orders_share_of(&publisher.orders.services, "app"), 30);
    orders_set(&publisher.orders, "two", ENDPOINT_ORDER_NONE);
    publisher_leave_to(&publisher, &legacy);
    legacy_keep(&legacy, true);
    assert_true(publisher_obey(&publisher));
    assert_int_equal(state_of("two"), ENDPOINT_READY); /* it was in use before it was drained */
    assert_true(begin_again());
    assert_int_equal(state_of("two"), ENDPOINT_READY);
}

static void test_a_pause_goes_on(void **state)
{
    uint64_t until_ms = loop_now_ms(&loop) + 5000;
    (void)state;
    take_ready(APP(ONE));
    service_orders_pause(&publisher.orders.services, "app", until_ms);
    publisher_obey(&publisher);
    assert_true(begin_again());
    assert_int_equal(service_orders_paused_until(&publisher.orders.services, VIEW("app")),
                     until_ms);
}

static void test_who_yields_writes_no_more(void **state)
{
    (void)state;
    take_ready(APP(ONE));
    legacy_keep(&legacy, false);
    take_ready(APP(TWO));
    orders_set(&publisher.orders, "two", ENDPOINT_ORDER_DRAIN);
    publisher_obey(&publisher);
    unlink(path);
    assert_true(begin_again());
    assert_non_null(endpoint_of("one"));
    assert_null(endpoint_of("two"));
    assert_int_equal(publisher.orders.count, 0);
}

/* The line alone would not tell of those whose source is not read yet. */
static void test_a_line_is_kept_with_what_completed_it(void **state)
{
    (void)state;
    take_ready("{\"v\":2,\"services\":[" SERVICE(
        "app", ENDPOINT("one", "10.0.0.1", ",\"source\":\"docker\"")) "]}");
    take("{\"v\":2,\"unread\":[\"docker\"],\"services\":[]}");
    assert_non_null(endpoint_of("one"));
    assert_true(begin_again());
    assert_non_null(endpoint_of("one"));
    assert_int_equal(state_of("one"), ENDPOINT_READY);
}

/* ---- strangers' words ------------------------------------------------------------------------ */

static void put(int fd, const char *text)
{
    struct keepsake keepsake;
    keepsake_open(&keepsake, fd);
    assert_true(keepsake_write(&keepsake, view_str(text)));
}

static void test_nothing_is_made_of_noise(void **state)
{
    static const char *const worlds[] = {"{",    "[]",       "{\"v\":3}",
                                         "null", "\xFF\xFE", "{\"v\":1,\"alive\":{}}"};
    (void)state;
    for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
        put(world_fd, worlds[i]);
        assert_false(begin_again());
        assert_null(publisher.pool);
        assert_int_equal(publisher.membership.bad_line_count, 0);
    }
}

static void test_orders_are_looked_at(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        unsigned count;
    } rows[] = {
        {"", false, 0},
        {"{", false, 0},
        {"{}", false, 0},
        {"{\"v\":1,\"orders\":[{\"id\":\"a\",\"order\":\"drain\",\"weight\":257}]}", false, 0},
        {"{\"v\":1,\"orders\":[{\"id\":\"a\",\"order\":\"drain\",\"weight\":0}]}", true, 1},
        {"{\"v\":1,\"orders\":[{\"id\":\"a\",\"order\":\"drain\",\"weight\":0}]}\n[", true, 1},
        {"{\"v\":1,\"orders\":[]}\n{\"unready\":7,\"pauses\":{}}", true, 0},
        {"{\"v\":1,\"orders\":[]}\n{\"unready\":[7,null,\"\",\"x\",\"x\"],\"pauses\":[7,{}]}", true,
         0},
        {"{\"v\":1,\"orders\":[]}\n{\"pauses\":[{\"service\":\"a\",\"until_ms\":-1}]}", true, 0},
        {"{\"v\":1,\"orders\":[]}\n{\"pauses\":[{\"service\":\"\",\"until_ms\":1}]}", true, 0},
        {"{\"v\":1,\"orders\":[]}\n"
         "{\"pauses\":[{\"service\":\"a\",\"until_ms\":9000000000000000000}]}",
         true, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct orders orders = {0};
        struct legacy_doubts doubts;
        struct text problem = TEXT_INIT;
        put(orders_fd, rows[i].text);
        bool is_good = legacy_read_rest(&legacy, 1000, &orders, &doubts, &problem);
        assert_int_equal(is_good, rows[i].is_good);
        assert_int_equal(orders.count + orders.services.count, rows[i].count);
        legacy_doubts_fini(&doubts);
        orders_fini(&orders);
        text_fini(&problem);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_both, close_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_was_ready_is_ready_at_once),
        TEST(test_who_failed_is_asked_first),
        TEST(test_a_newcomer_of_later_is_not_trusted),
        TEST(test_it_is_the_last_known_world_until_discovery_tells),
        TEST(test_orders_hold),
        TEST(test_a_pause_goes_on),
        TEST(test_who_yields_writes_no_more),
        TEST(test_a_line_is_kept_with_what_completed_it),
        TEST(test_nothing_is_made_of_noise),
        TEST(test_orders_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
