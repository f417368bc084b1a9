/* First contacts: what is asked, how long each try may take, the pauses between them, and who is
 * admitted in the end. */
#include "lb/health/prober.h"

#include "lb/base/memory.h"
#include "tests/unit/health/health_case.h"

#define NEVER UINT64_MAX

static struct prober prober;
static struct endpoint *endpoint, *admitted;
static unsigned admitted_count;

static void on_admitted(void *owner, struct endpoint *of)
{
    assert_ptr_equal(owner, &prober);
    assert_null(of->ties[ENDPOINT_PROBE]); /* it may be probed again from here */
    admitted = of;
    admitted_count++;
}

static int open_prober(void **state)
{
    open_loop(state);
    policy->check = usual_check(CHECK_OFF);
    policy->check.path[0] = '\0';
    policy->connect_timeout_ms = 300;
    policy->far_connect_timeout_ms = 2000;
    prober_init(&prober, &(struct prober_options){
                             .loop = &loop, .on_admitted = on_admitted, .owner = &prober});
    endpoint = new_endpoint("10.0.0.1:80");
    admitted_count = 0;
    return 0;
}

static int close_prober(void **state)
{
    prober_close(&prober);
    endpoint_unref(endpoint);
    return close_loop(state);
}

static void again(void **state)
{
    close_prober(state);
    open_prober(state);
}

static void start_probe(void)
{
    prober_start(&prober, endpoint);
    pretend_uv_settle();
}

static void label(const char *word, const char *value)
{
    if (!endpoint->check)
        endpoint->check = memory_new(sizeof(*endpoint->check));
    assert_true(check_set(endpoint->check, view_str(word), view_str(value)));
}

/* How long until the next connect begins, up to `most`. */
static uint64_t wait_for_connect(uint64_t most)
{
    unsigned before = connect_count();
    for (uint64_t ms = 0; ms <= most; ms++) {
        if (connect_count() > before)
            return ms;
        pretend_uv_pass(1);
    }
    return NEVER;
}

/* How long until the latest connect is given up, up to `most`. */
static uint64_t wait_for_end(uint64_t most)
{
    struct pretend_uv_wire *wire = latest();
    for (uint64_t ms = 0; ms <= most; ms++) {
        if (wire->was_closed)
            return ms;
        pretend_uv_pass(1);
    }
    return NEVER;
}

#define assert_soon_after(ms, want) assert_in_range(ms, want, (want) + SLACK_MS)

/* ---- one endpoint ---------------------------------------------------------------------------- */

static void test_a_connect_admits(void **state)
{
    (void)state;
    start_probe();
    assert_int_equal(prober.probe_count, 1);
    assert_int_equal(admitted_count, 0);
    world_connect(latest(), 0);
    assert_int_equal(admitted_count, 1);
    assert_ptr_equal(admitted, endpoint);
    assert_int_equal(prober.probe_count, 0);
    assert_string_equal(endpoint->problem, "");
    assert_int_equal(wait_for_connect(5000), NEVER);
}

static void test_what_the_first_contact_asks(void **state)
{
    static const struct {
        const char *flags_mode, *label_word, *label_value;
        const char *asked; /* "": a connect is enough */
    } rows[] = {
        {"off", NULL, NULL, ""},
        {"tcp", NULL, NULL, ""},
        {"http", NULL, NULL, "GET / HTTP/1.1\r\n"},
        {"off", "path", "/up", "GET /up HTTP/1.1\r\n"},
        {"tcp", "path", "/up", "GET /up HTTP/1.1\r\n"},
        {"http", "mode", "tcp", ""},
        {"http", "mode", "off", ""},
        {"http", "method", "HEAD", "HEAD / HTTP/1.1\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(check_set(&policy->check, VIEW("mode"), view_str(rows[i].flags_mode)));
        if (rows[i].label_word)
            label(rows[i].label_word, rows[i].label_value);
        start_probe();
        world_connect(latest(), 0);
        size_t len = strlen(rows[i].asked);
        assert_int_equal(admitted_count, len == 0);
        if (strncmp(world_hear(latest()), rows[i].asked, len) != 0 ||
            (len == 0) != (latest()->got.len == 0))
            fail_msg("row %zu: %s", i, text_str(&latest()->got));
        if (len > 0)
            world_say(latest(), OK);
        assert_int_equal(admitted_count, 1);
        again(state);
    }
}

/* An endpoint has to be able to take requests; what answers checks elsewhere does not show that. */
static void test_a_connect_goes_to_the_port_of_requests_and_a_question_to_its_own(void **state)
{
    for (unsigned is_http = 0; is_http < 2; is_http++) {
        label("mode", is_http ? "http" : "tcp");
        label("port", "9000");
        start_probe();
        assert_int_equal(address_port(&latest()->peer), is_http ? 9000 : 80);
        again(state);
    }
}

static void test_how_long_a_try_may_take(void **state)
{
    static const struct {
        const char *address, *mode;
        unsigned near_ms, far_ms;
        uint64_t want_ms;
    } rows[] = {
        {"10.0.0.1:80", "off", 300, 2000, 300},       {"192.168.1.2:80", "tcp", 300, 2000, 300},
        {"203.0.113.1:80", "off", 300, 2000, 2000},   {"[fd00::1]:80", "off", 300, 2000, 300},
        {"[2001:db8::1]:80", "off", 300, 2000, 2000}, {"10.0.0.1:80", "off", 0, 2000, 5000},
        {"203.0.113.1:80", "off", 300, 0, 5000},      {"203.0.113.1:80", "http", 300, 2000, 1000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        endpoint_unref(endpoint);
        endpoint = new_endpoint(rows[i].address);
        policy->connect_timeout_ms = rows[i].near_ms;
        policy->far_connect_timeout_ms = rows[i].far_ms;
        label("mode", rows[i].mode);
        start_probe();
        assert_soon_after(wait_for_end(10000), rows[i].want_ms);
        assert_string_equal(endpoint->problem, "connect timed out");
        again(state);
    }
}

static void test_pauses_grow_to_80_ms_and_to_a_second_after_a_minute(void **state)
{
    static const uint64_t pauses_ms[] = {10, 20, 40, 80, 80, 80};
    (void)state;
    start_probe();
    for (size_t i = 0; i < COUNT_OF(pauses_ms); i++) {
        world_connect(latest(), UV_ECONNREFUSED);
        assert_string_equal(endpoint->problem, "an error");
        assert_soon_after(wait_for_connect(500), pauses_ms[i]);
    }
    pretend_uv_pass(61000); /* the try is over as well */
    assert_soon_after(wait_for_connect(3000), 1000);
    world_connect(latest(), 0);
    assert_int_equal(admitted_count, 1);
}

static void test_a_fault_of_lbs_own_is_tried_again(void **state)
{
    (void)state;
    pretend_uv.fails_connect = true;
    pretend_uv.connect_fault = UV_EMFILE;
    start_probe();
    assert_int_equal(connect_count(), 0);
    assert_string_equal(endpoint->problem, "an error");
    assert_soon_after(wait_for_connect(500), 10);
    world_connect(latest(), 0);
    assert_int_equal(admitted_count, 1);
}

/* As it is at each try: labels may change in between. */
static void test_a_label_that_changes_counts_from_the_next_try(void **state)
{
    (void)state;
    start_probe();
    label("path", "/ready");
    world_connect(latest(), UV_ECONNREFUSED);
    wait_for_connect(500);
    world_connect(latest(), 0);
    assert_int_equal(admitted_count, 0);
    assert_non_null(strstr(world_hear(latest()), "GET /ready "));
}

/* ---- who wants it ---------------------------------------------------------------------------- */

/* What the endpoint is when the look ends. */
static void test_who_wants_it_no_longer_is_neither_admitted_nor_blamed(void **state)
{
    static const struct {
        enum endpoint_state at;
        int status; /* of the connect */
        bool is_admitted, is_blamed;
    } rows[] = {
        {ENDPOINT_PROBING, 0, true, false},   {ENDPOINT_PROBING, UV_ECONNREFUSED, false, true},
        {ENDPOINT_PAUSED, 0, false, false},   {ENDPOINT_PAUSED, UV_ECONNREFUSED, false, false},
        {ENDPOINT_DRAINING, 0, false, false}, {ENDPOINT_GONE, UV_ECONNREFUSED, false, false},
        {ENDPOINT_READY, 0, false, false},    {ENDPOINT_DISABLED, 0, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        start_probe();
        endpoint_set_state(endpoint, rows[i].at);
        world_connect(latest(), rows[i].status);
        assert_int_equal(admitted_count, rows[i].is_admitted);
        assert_int_equal(endpoint->problem[0] != '\0', rows[i].is_blamed);
        assert_int_equal(prober.probe_count, rows[i].is_blamed); /* it goes on */
        again(state);
    }
}

static void test_an_ejected_one_is_probed_when_its_time_is_over(void **state)
{
    (void)state;
    endpoint_set_state(endpoint, ENDPOINT_EJECTED);
    endpoint->ejected_until_ms = loop_now_ms(&loop) + 500;
    start_probe();
    assert_int_equal(connect_count(), 0);
    assert_int_equal(prober.probe_count, 0);
    pretend_uv_pass(500);
    start_probe();
    world_connect(latest(), 0);
    assert_int_equal(admitted_count, 1);
}

static void test_one_probe_for_each_endpoint(void **state)
{
    (void)state;
    start_probe();
    start_probe();
    assert_int_equal(prober.probe_count, 1);
    assert_int_equal(connect_count(), 1);
}

static void test_an_end_while_it_connects_and_while_it_pauses(void **state)
{
    for (unsigned pauses = 0; pauses < 2; pauses++) {
        start_probe();
        if (pauses)
            world_connect(latest(), UV_ECONNREFUSED);
        prober_follow(&prober);
        assert_int_equal(prober.probe_count, 1); /* it is still wanted */
        endpoint_set_state(endpoint, ENDPOINT_PAUSED);
        prober_follow(&prober);
        assert_int_equal(prober.probe_count, 0);
        assert_null(endpoint->ties[ENDPOINT_PROBE]);
        assert_int_equal(atomic_load(&endpoint->ref_count), 1);
        assert_int_equal(wait_for_connect(2000), NEVER);
        assert_string_equal(world_word_of(latest()), "closed");
        again(state);
    }
}

/* ---- many ------------------------------------------------------------------------------------ */

static void test_many_take_turns_and_longer_pauses(void **state)
{
    enum { COUNT = 300 };
    struct endpoint *all[COUNT];
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        char text[32];
        snprintf(text, sizeof(text), "10.0.%u.%u:80", 1 + i / 250, 1 + i % 250);
        all[i] = new_endpoint(text);
        prober_start(&prober, all[i]);
    }
    pretend_uv_settle();
    assert_int_equal(connect_count(), 128); /* sockets at the same time */
    for (unsigned i = 0; i < COUNT; i++)
        world_connect(world_backend(i), UV_ECONNREFUSED);
    assert_int_equal(connect_count(), COUNT);
    assert_soon_after(wait_for_connect(1000), COUNT); /* one a millisecond, not 10 ms */
    prober_close(&prober);
    pretend_uv_settle();
    for (unsigned i = 0; i < COUNT; i++)
        endpoint_unref(all[i]);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_prober, close_prober)
    const struct CMUnitTest tests[] = {
        TEST(test_a_connect_admits),
        TEST(test_what_the_first_contact_asks),
        TEST(test_a_connect_goes_to_the_port_of_requests_and_a_question_to_its_own),
        TEST(test_how_long_a_try_may_take),
        TEST(test_pauses_grow_to_80_ms_and_to_a_second_after_a_minute),
        TEST(test_a_fault_of_lbs_own_is_tried_again),
        TEST(test_a_label_that_changes_counts_from_the_next_try),
        TEST(test_who_wants_it_no_longer_is_neither_admitted_nor_blamed),
        TEST(test_an_ejected_one_is_probed_when_its_time_is_over),
        TEST(test_one_probe_for_each_endpoint),
        TEST(test_an_end_while_it_connects_and_while_it_pauses),
        TEST(test_many_take_turns_and_longer_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
