#include "lb/master/processes.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static void rows_are_found_and_freed(void **state)
{
    struct processes processes;
    (void)state;
    processes_init(&processes);
    struct process *one = processes_add(&processes, PROCESS_SERVING, 101);
    struct process *other = processes_add(&processes, PROCESS_LEAVING, 102);
    assert_ptr_equal(processes_of_pid(&processes, 102), other);
    assert_ptr_equal(processes_of_role(&processes, PROCESS_SERVING), one);
    assert_null(processes_of_role(&processes, PROCESS_COMING));
    assert_null(processes_of_pid(&processes, 103));
    assert_null(processes_of_pid(&processes, 0)); /* no free row is one */
    assert_true(one->number != other->number);
    assert_true(processes_is_proxy(other));
    uint64_t number = one->number;
    one->channel = dup(0);
    int channel = one->channel;
    processes_remove(one);
    assert_int_equal(fcntl(channel, F_GETFD), -1);
    one = processes_add(&processes, PROCESS_DISCOVERY, 104);
    assert_false(processes_is_proxy(one));
    assert_true(one->number > number);
    assert_int_equal(one->channel, -1);
}

static void a_full_table_takes_no_more(void **state)
{
    struct processes processes;
    (void)state;
    processes_init(&processes);
    for (int i = 0; i < (int)PROCESSES_MAX; i++)
        assert_non_null(processes_add(&processes, PROCESS_LEAVING, 100 + i));
    assert_null(processes_add(&processes, PROCESS_LEAVING, 99));
    assert_int_equal(processes_count(&processes, PROCESS_LEAVING), PROCESSES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_and_freed),
        cmocka_unit_test(a_full_table_takes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
