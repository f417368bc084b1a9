/* The phases in which lb leaves: which come, after how long, and what a second signal does. */
#include "lb/run/departure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/support/said.h"

static uv_loop_t uv;
static struct departure departure;
static char phases[16]; /* L, D and C as they came */

static void on_phase(void *owner, enum departure_phase phase)
{
    assert_ptr_equal(owner, &uv);
    assert_int_equal(departure.phase, phase);
    phases[strlen(phases)] = "NLDC"[phase];
    if (phase == DEPARTURE_CLOSING) {
        departure_close(&departure);
        departure_close(&departure);
    }
}

static int open_loop(void **state)
{
    (void)state;
    memset(phases, 0, sizeof(phases));
    assert_int_equal(uv_loop_init(&uv), 0);
    departure_init(&departure, &uv, on_phase, &uv);
    said_begin();
    return 0;
}

static int close_loop(void **state)
{
    (void)state;
    departure_close(&departure);
    uv_run(&uv, UV_RUN_DEFAULT);
    return uv_loop_close(&uv);
}

/* Runs until nothing is to come; for how long. */
static uint64_t run(void)
{
    uint64_t since_ms = uv_now(&uv);
    uv_run(&uv, UV_RUN_DEFAULT);
    said_end();
    return uv_now(&uv) - since_ms;
}

static void test_phase_after_phase(void **state)
{
    (void)state;
    departure_begin(&departure, "SIGTERM", 60, 20);
    assert_string_equal(phases, "L");
    assert_true(run() >= 80);
    assert_string_equal(phases, "LDC");
    assert_said("SIGTERM: not ready any more, going on for 60 ms");
    assert_said("no new connections; finishing what runs, for at most 20 ms");
    assert_said("the shutdown grace is over: closing what still runs");
}

static void test_without_a_delay_it_drains_at_once(void **state)
{
    (void)state;
    departure_begin(&departure, "SIGINT", 0, 20);
    assert_string_equal(phases, "D");
    assert_true(run() >= 20);
    assert_string_equal(phases, "DC");
    assert_said("SIGINT: finishing what runs, for at most 20 ms");
}

static void test_without_a_limit_it_drains_for_ever(void **state)
{
    (void)state;
    departure_begin(&departure, "SIGTERM", 1, 0);
    run();
    assert_string_equal(phases, "LD");
}

static void test_a_second_signal_closes_in_any_phase(void **state)
{
    (void)state;
    departure_begin(&departure, "SIGTERM", 60000, 60000);
    departure_begin(&departure, "SIGTERM", 60000, 60000);
    assert_true(run() < 30000);
    assert_string_equal(phases, "LC");
}

static void test_a_second_signal_closes_what_drains(void **state)
{
    (void)state;
    departure_begin(&departure, "SIGINT", 0, 60000);
    departure_begin(&departure, "SIGINT", 0, 60000);
    assert_true(run() < 30000);
    assert_string_equal(phases, "DC");
}

/* It leaves and drains, and takes its time; the first signal counts then, and the second ends it. */
static void test_it_gives_way(void **state)
{
    (void)state;
    departure_give_way(&departure, 10);
    departure_give_way(&departure, 10);
    assert_string_equal(phases, "L");
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_string_equal(phases, "LD");
    departure_begin(&departure, "SIGTERM", 1000, 10);
    assert_string_equal(phases, "LDD");
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_string_equal(phases, "LDDC");
}

static void test_a_signal_while_it_gives_way(void **state)
{
    (void)state;
    departure_give_way(&departure, 10);
    departure_begin(&departure, "SIGTERM", 1000, 0);
    assert_string_equal(phases, "LD");
    uv_run(&uv, UV_RUN_DEFAULT); /* nothing more is due */
    assert_string_equal(phases, "LD");
    departure_begin(&departure, "SIGTERM", 1000, 0);
    assert_string_equal(phases, "LDC");
}

/* Whatever it was at, but for the end itself. */
static void test_nobody_is_there_to_ask(void **state)
{
    (void)state;
    departure_begin(&departure, "SIGTERM", 60000, 0);
    departure_begin_alone(&departure, "the master is gone", 0);
    assert_string_equal(phases, "LD");
    departure_begin_alone(&departure, "the master is gone", 0);
    assert_string_equal(phases, "LD");
    assert_true(run() < 30000);
    assert_said("the master is gone: finishing what runs");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
    const struct CMUnitTest tests[] = {
        TEST(test_phase_after_phase),
        TEST(test_without_a_delay_it_drains_at_once),
        TEST(test_without_a_limit_it_drains_for_ever),
        TEST(test_a_second_signal_closes_in_any_phase),
        TEST(test_a_second_signal_closes_what_drains),
        TEST(test_it_gives_way),
        TEST(test_a_signal_while_it_gives_way),
        TEST(test_nobody_is_there_to_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
