/* When a manager is asked again. */
#include "discovery/swarm/tempo.h"

#include "tests/unit/discovery/cmocka_all.h"

/* A round that takes so long and finds that; gives how long is waited after it. */
static uint64_t wait_after(struct tempo *tempo, uint64_t begin_ms, uint64_t took_ms,
                           struct tempo_found found)
{
    tempo_begin(tempo, begin_ms);
    tempo_end(tempo, &found, begin_ms + took_ms);
    return tempo->due_at_ms - (begin_ms + took_ms);
}

static void test_quick_while_something_moves_and_quiet_afterwards(void **state)
{
    (void)state;
    struct tempo tempo = {.due_at_ms = 0};
    assert_int_equal(wait_after(&tempo, 1000, 1, (struct tempo_found){.has_moved = true}), 50);
    assert_int_equal(wait_after(&tempo, 10900, 1, (struct tempo_found){0}), 50);
    assert_int_equal(wait_after(&tempo, 11100, 1, (struct tempo_found){0}), 2000);
    assert_int_equal(wait_after(&tempo, 13200, 1, (struct tempo_found){.is_in_motion = true}), 200);
}

/* However slow it is, the manager has most of its time for others. */
static void test_a_slow_manager_is_asked_less_often(void **state)
{
    (void)state;
    struct tempo tempo = {.moved_at_ms = 1};
    assert_int_equal(wait_after(&tempo, 2, 300, (struct tempo_found){0}), 600);
    tempo.moved_at_ms = 0;
    assert_int_equal(wait_after(&tempo, 1000, 300, (struct tempo_found){0}), 3000);
}

static void test_all_lists_at_first_and_now_and_then(void **state)
{
    (void)state;
    struct tempo tempo = {.due_at_ms = 0};
    assert_true(tempo_begin(&tempo, 100));
    tempo_end(&tempo, &(struct tempo_found){0}, 101);
    assert_false(tempo_begin(&tempo, 5099));
    tempo_end(&tempo, &(struct tempo_found){.lacks_service = true}, 5099);
    assert_true(tempo_begin(&tempo, 5100)); /* a task of a service that is not known yet */
    tempo_end(&tempo, &(struct tempo_found){.is_in_motion = true}, 5101);
    assert_false(tempo_begin(&tempo, 6099));
    assert_true(tempo_begin(&tempo, 6100));
}

/* What rings while a round is under way, may not be in its answers. */
static void test_a_ring_is_never_lost(void **state)
{
    (void)state;
    struct tempo tempo = {.due_at_ms = 0};
    tempo_begin(&tempo, 100);
    tempo_ring(&tempo, 101);
    tempo_end(&tempo, &(struct tempo_found){0}, 102);
    assert_int_equal(tempo.due_at_ms, 122);
    assert_true(tempo_begin(&tempo, 122));
    tempo_end(&tempo, &(struct tempo_found){0}, 123);
    assert_int_equal(tempo.due_at_ms, 173);
    tempo_ring(&tempo, 150);
    assert_true(tempo.due_at_ms <= 150);
}

/* A thousand events a second, of a manager that needs a while for each round. */
static void test_a_storm_leaves_a_manager_its_time(void **state)
{
    (void)state;
    struct tempo tempo = {.due_at_ms = 0};
    uint64_t busy_ms = 0, now_ms = 1000;
    tempo_ring(&tempo, now_ms);
    while (now_ms < 11000) {
        if (now_ms < tempo.due_at_ms) {
            tempo_ring(&tempo, ++now_ms);
            continue;
        }
        assert_true(tempo_begin(&tempo, now_ms));
        tempo_ring(&tempo, now_ms + 10);
        now_ms += 30;
        busy_ms += 30;
        tempo_end(&tempo, &(struct tempo_found){.has_moved = true}, now_ms);
    }
    assert_in_range(busy_ms, 3000, 3500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quick_while_something_moves_and_quiet_afterwards),
        cmocka_unit_test(test_a_slow_manager_is_asked_less_often),
        cmocka_unit_test(test_all_lists_at_first_and_now_and_then),
        cmocka_unit_test(test_a_ring_is_never_lost),
        cmocka_unit_test(test_a_storm_leaves_a_manager_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
