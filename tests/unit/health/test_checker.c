/* Checks again and again: who is watched, when, and how many answers change an opinion. */
#include "lb/health/checker.h"

#include "lb/base/memory.h"
#include "tests/unit/health/health_case.h"

static struct checker checker;
static struct endpoint *endpoint;
static unsigned change_count;

static void on_change(void *owner)
{
    assert_ptr_equal(owner, &checker);
    change_count++;
}

static int open_checker(void **state)
{
    open_loop(state);
    policy->check = usual_check(CHECK_HTTP);
    checker_init(&checker, &(struct checker_options){
                               .loop = &loop, .on_change = on_change, .owner = &checker});
    checker.rng.state = 1;
    endpoint = new_endpoint("10.0.0.1:80");
    endpoint->is_admitted = true;
    endpoint_set_state(endpoint, ENDPOINT_READY);
    change_count = 0;
    return 0;
}

static int close_checker(void **state)
{
    checker_close(&checker);
    endpoint_unref(endpoint);
    return close_loop(state);
}

static void again(void **state)
{
    close_checker(state);
    open_checker(state);
}

/* A snapshot of these. */
static void follow_all(struct endpoint **endpoints, unsigned count)
{
    struct pool_service service = {.endpoints = endpoints, .endpoint_count = count};
    struct pool pool = {.services = &service, .service_count = count > 0};
    checker_follow(&checker, &pool);
    pretend_uv_settle();
}

static void follow(void)
{
    follow_all(&endpoint, 1);
}

static void label(const char *word, const char *value)
{
    if (!endpoint->check)
        endpoint->check = memory_new(sizeof(*endpoint->check));
    assert_true(check_set(endpoint->check, view_str(word), view_str(value)));
}

static bool is_watched(void)
{
    return endpoint->ties[ENDPOINT_WATCH] != NULL;
}

/* Lets time pass until the next look begins, and gives how long that took. */
static uint64_t wait_for_look(void)
{
    unsigned before = connect_count();
    uint64_t since_ms = loop_now_ms(&loop);
    while (connect_count() == before && loop_now_ms(&loop) - since_ms < 100000)
        pretend_uv_pass(4);
    return loop_now_ms(&loop) - since_ms;
}

/* s: it answers well; f: with 500; r: it refuses the connection; o: lb has no socket. */
static void look_once(char letter)
{
    if (letter == 'o') {
        pretend_uv.fails_connect = true;
        pretend_uv.connect_fault = UV_EMFILE;
        for (unsigned i = 0; i < 10000 && pretend_uv.fails_connect; i++)
            pretend_uv_pass(4);
        assert_false(pretend_uv.fails_connect);
        return;
    }
    wait_for_look();
    world_connect(latest(), letter == 'r' ? UV_ECONNREFUSED : 0);
    if (letter != 'r')
        world_say(latest(), letter == 's' ? OK : "HTTP/1.1 500 No\r\n\r\n");
}

/* ---- opinions -------------------------------------------------------------------------------- */

/* With fall 3 and rise 2. `failing`: whether it is failing after each look. */
static void test_how_many_answers_change_an_opinion(void **state)
{
    static const struct {
        const char *looks, *failing;
        unsigned change_count;
    } rows[] = {
        {"ssss", "----", 0},         {"ff", "--", 0},
        {"fff", "--x", 1},           {"rfr", "--x", 1},
        {"ffsffsff", "--------", 0}, /* in a row */
        {"fffs", "--xx", 1},         {"fffss", "--xx-", 2},
        {"fffsfss", "--xxxx-", 2},   {"fffffff", "--xxxxx", 1},
        {"fffssff", "--xx---", 2},   {"fffssfff", "--xx---x", 3},
        {"fofoof", "-----x", 1}, /* lb's own fault says nothing, for or against */
        {"ooooo", "-----", 0},       {"fffsos", "--xxx-", 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        follow();
        for (size_t j = 0; rows[i].looks[j]; j++) {
            look_once(rows[i].looks[j]);
            if (endpoint->is_failing != (rows[i].failing[j] == 'x'))
                fail_msg("%s: look %zu", rows[i].looks, j);
        }
        assert_int_equal(change_count, rows[i].change_count);
        again(state);
    }
}

static void test_labels_say_how_many(void **state)
{
    (void)state;
    label("fall", "1");
    label("rise", "1");
    follow();
    look_once('f');
    assert_true(endpoint->is_failing);
    look_once('s');
    assert_false(endpoint->is_failing);
}

/* It is said once the opinion is bad, renewed with each bad answer, and taken back with it. */
static void test_the_problem_goes_with_the_opinion(void **state)
{
    static const struct {
        char look;
        const char *want;
    } rows[] = {
        {'f', ""},
        {'f', ""},
        {'f', "GET /up: status 500 instead of 200-399"},
        {'r', "an error"},
        {'s', "an error"},
        {'f', "GET /up: status 500 instead of 200-399"},
        {'s', "GET /up: status 500 instead of 200-399"},
        {'s', ""},
    };
    (void)state;
    follow();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        look_once(rows[i].look);
        assert_string_equal(endpoint->problem, rows[i].want);
    }
}

static void test_an_answer_that_changes_nothing_leaves_what_others_said(void **state)
{
    (void)state;
    follow();
    endpoint_note_problem(endpoint, "said by somebody else");
    look_once('s');
    look_once('f');
    assert_string_equal(endpoint->problem, "said by somebody else");
}

/* ---- when ------------------------------------------------------------------------------------ */

static void test_looks_are_an_interval_apart_more_or_less(void **state)
{
    uint64_t least = UINT64_MAX, most = 0;
    (void)state;
    follow();
    look_once('s');
    for (unsigned i = 0; i < 40; i++) {
        uint64_t ms = wait_for_look();
        world_connect(latest(), UV_ECONNREFUSED);
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    assert_in_range(least, 9000, 9500); /* a tenth less or more */
    assert_in_range(most, 10500, 11000 + SLACK_MS);
}

static void test_first_looks_are_spread_over_the_interval(void **state)
{
    enum { COUNT = 40 };
    struct endpoint *all[COUNT];
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        char text[32];
        snprintf(text, sizeof(text), "10.0.1.%u:80", 1 + i);
        all[i] = new_endpoint(text);
        all[i]->is_admitted = true;
    }
    policy->check.timeout_ms = 60000; /* nobody answers, so nobody is asked twice */
    follow_all(all, COUNT);
    for (unsigned ms = 0; ms < 5000; ms += 20)
        pretend_uv_pass(20);
    assert_in_range(connect_count(), COUNT / 4, COUNT * 3 / 4);
    for (unsigned ms = 0; ms < 5000 + SLACK_MS; ms += 20)
        pretend_uv_pass(20);
    assert_int_equal(connect_count(), COUNT);
    checker_close(&checker);
    pretend_uv_settle();
    for (unsigned i = 0; i < COUNT; i++)
        endpoint_unref(all[i]);
}

static void test_another_interval_counts_at_once(void **state)
{
    (void)state;
    follow();
    look_once('s');
    label("interval", "1s");
    follow();
    assert_in_range(wait_for_look(), 0, 1000 + SLACK_MS);
}

/* However often they come. */
static void test_snapshots_neither_put_a_look_off_nor_bring_it_on(void **state)
{
    (void)state;
    follow();
    look_once('s');
    for (unsigned i = 0; i < 10; i++) {
        unsigned before = connect_count();
        uint64_t since_ms = loop_now_ms(&loop);
        for (unsigned ms = 20; connect_count() == before && ms < 20000; ms += 20) {
            pretend_uv_pass(20);
            if (ms % 500 == 0)
                follow();
        }
        assert_in_range(loop_now_ms(&loop) - since_ms, 9000, 11000 + SLACK_MS);
        world_connect(latest(), UV_ECONNREFUSED);
    }
}

static void test_a_label_that_changes_while_a_look_runs_counts_for_the_next(void **state)
{
    (void)state;
    follow();
    wait_for_look();
    label("path", "/other");
    follow();
    world_connect(latest(), 0);
    assert_non_null(strstr(world_hear(latest()), "GET /up "));
    world_say(latest(), OK);
    wait_for_look();
    world_connect(latest(), 0);
    assert_non_null(strstr(world_hear(latest()), "GET /other "));
}

/* ---- who ------------------------------------------------------------------------------------- */

static void test_who_is_watched(void **state)
{
    static const struct {
        const char *flags_mode, *label_mode;
        enum endpoint_state source_state;
        bool is_admitted, is_watched;
    } rows[] = {
        {"http", NULL, ENDPOINT_READY, true, true},
        {"tcp", NULL, ENDPOINT_READY, true, true},
        {"off", NULL, ENDPOINT_READY, true, false},
        {"off", "tcp", ENDPOINT_READY, true, true},
        {"http", "off", ENDPOINT_READY, true, false},
        {"http", NULL, ENDPOINT_READY, false, false},
        {"http", NULL, ENDPOINT_DRAINING, true, false},
        {"http", NULL, ENDPOINT_UNHEALTHY, true, false},
        {"auto", NULL, ENDPOINT_READY, true, true}, /* a path is given */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(check_set(&policy->check, VIEW("mode"), view_str(rows[i].flags_mode)));
        if (rows[i].label_mode)
            label("mode", rows[i].label_mode);
        endpoint->source_state = rows[i].source_state;
        endpoint->is_admitted = rows[i].is_admitted;
        follow();
        if (is_watched() != rows[i].is_watched)
            fail_msg("row %zu", i);
        assert_int_equal(atomic_load(&endpoint->ref_count), 1 + rows[i].is_watched);
        again(state);
    }
}

static void test_tcp_asks_nothing(void **state)
{
    (void)state;
    policy->check.mode = CHECK_TCP;
    policy->check.fall = 1;
    follow();
    wait_for_look();
    world_connect(latest(), 0);
    assert_string_equal(world_hear(latest()), "");
    assert_string_equal(world_word_of(latest()), "closed");
    assert_false(endpoint->is_failing);
}

/* Nobody would ever say that it is well again. */
static void test_who_is_not_watched_any_more_is_not_failing(void **state)
{
    for (unsigned was_failing = 0; was_failing < 2; was_failing++) {
        follow();
        for (unsigned i = 0; was_failing && i < 3; i++)
            look_once('f');
        assert_int_equal(endpoint->is_failing, was_failing);
        change_count = 0;
        label("mode", "off");
        follow();
        assert_false(is_watched());
        assert_false(endpoint->is_failing);
        assert_int_equal(change_count, was_failing);
        again(state);
    }
}

static void test_a_row_of_failures_goes_on_over_snapshots(void **state)
{
    (void)state;
    follow();
    for (unsigned i = 0; i < 3; i++) {
        look_once('f');
        follow();
    }
    assert_true(endpoint->is_failing);
}

static void test_who_goes_while_a_look_runs_is_let_go(void **state)
{
    (void)state;
    follow();
    wait_for_look();
    world_connect(latest(), 0);
    follow_all(NULL, 0);
    assert_int_equal(atomic_load(&endpoint->ref_count), 1);
    assert_string_equal(world_word_of(latest()), "closed");
    assert_int_equal(checker.queue.running_count, 0);
    assert_int_equal(change_count, 0);
}

static void test_many_take_turns(void **state)
{
    enum { COUNT = 100 };
    struct endpoint *all[COUNT];
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        char text[32];
        snprintf(text, sizeof(text), "10.0.1.%u:80", 1 + i);
        all[i] = new_endpoint(text);
        all[i]->is_admitted = true;
    }
    policy->check.timeout_ms = 60000; /* none answers */
    follow_all(all, COUNT);
    for (unsigned ms = 0; ms < 10100; ms += 20)
        pretend_uv_pass(20);
    assert_int_equal(connect_count(), 64);
    world_connect(world_backend(0), UV_ECONNREFUSED);
    assert_int_equal(connect_count(), 65);
    checker_close(&checker);
    pretend_uv_settle();
    for (unsigned i = 0; i < COUNT; i++)
        endpoint_unref(all[i]);
}

/* ---- places ----------------------------------------------------------------------------------- */

static unsigned rung_count;

static void ring(void *owner, unsigned worker_index)
{
    (void)owner, (void)worker_index;
    rung_count++;
}

static void test_a_check_takes_a_place(void **state)
{
    struct admit_office office = {.worker_count = 1, .ring = ring};
    (void)state;
    checker.queue.office = &office;
    atomic_store(&endpoint->max_inflight, 1);
    rung_count = 0;
    follow();
    wait_for_look();
    assert_int_equal(admit_try(endpoint), ADMIT_FULL);
    atomic_store(&office.waiting_count, 1);
    world_connect(latest(), 0);
    world_say(latest(), OK);
    assert_int_equal(rung_count, 1); /* who waits hears of it */
    assert_int_equal(admit_try(endpoint), ADMIT_PLACE);
    admit_release(endpoint);
    checker.queue.office = NULL;
}

static void test_it_is_left_out_where_requests_have_all_places(void **state)
{
    struct admit_office office = {.worker_count = 1, .ring = ring};
    (void)state;
    checker.queue.office = &office;
    atomic_store(&endpoint->max_inflight, 1);
    follow();
    admit_try(endpoint);
    assert_true(wait_for_look() >= 100000);
    assert_false(endpoint->is_failing);
    atomic_store(&endpoint->locals[0].idle_count, 1); /* which makes place */
    rung_count = 0;
    for (unsigned i = 0; i < 4000 && rung_count == 0; i++)
        pretend_uv_pass(4);
    assert_int_equal(admit_asked_count(&endpoint->locals[0]), 1);
    admit_release(endpoint);
    assert_in_range(wait_for_look(), 0, 2 * 50 + SLACK_MS);
    world_connect(latest(), 0);
    world_say(latest(), OK);
    checker.queue.office = NULL;
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_checker, close_checker)
    const struct CMUnitTest tests[] = {
        TEST(test_how_many_answers_change_an_opinion),
        TEST(test_labels_say_how_many),
        TEST(test_the_problem_goes_with_the_opinion),
        TEST(test_an_answer_that_changes_nothing_leaves_what_others_said),
        TEST(test_looks_are_an_interval_apart_more_or_less),
        TEST(test_first_looks_are_spread_over_the_interval),
        TEST(test_another_interval_counts_at_once),
        TEST(test_snapshots_neither_put_a_look_off_nor_bring_it_on),
        TEST(test_a_label_that_changes_while_a_look_runs_counts_for_the_next),
        TEST(test_who_is_watched),
        TEST(test_tcp_asks_nothing),
        TEST(test_a_check_takes_a_place),
        TEST(test_it_is_left_out_where_requests_have_all_places),
        TEST(test_who_is_not_watched_any_more_is_not_failing),
        TEST(test_a_row_of_failures_goes_on_over_snapshots),
        TEST(test_who_goes_while_a_look_runs_is_let_go),
        TEST(test_many_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
