/* What lb itself lacks, as the operator reads it: each sentence says what is the matter and what to
 * do, and is said once a minute at most. */
#include "lb/net/own_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "tests/unit/support/said.h"

static void test_which_work_stands_still_and_why(void **state)
{
    static const struct {
        void (*say)(int status);
        const char *what;
    } rows[] = {
        {own_fault_in_connecting, "cannot connect to backends: "},
        {own_fault_in_accepting, "cannot accept connections: "},
        {own_fault_in_checking, "cannot check backends: "},
    };
    static const struct {
        int status;
        const char *why, *remedy;
    } faults[] = {
        {UV_EMFILE, "too many open files", "ulimit -n"},
        {UV_EADDRNOTAVAIL, "no local port is free", "ip_local_port_range"},
        {UV_ECONNREFUSED, "connection refused", ""}, /* not lb's own, but it is said as it is */
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            said_begin();
            rows[i].say(faults[j].status);
            rows[i].say(faults[j].status);
            said_end();
            assert_said(rows[i].what);
            assert_said(faults[j].why);
            assert_said(faults[j].remedy);
            assert_int_equal(said_line_count(), 1);
        }
    }
}

static void test_limits_that_are_met(void **state)
{
    (void)state;
    said_begin();
    own_fault_full();
    own_fault_full();
    said_end();
    assert_said("--max-buffers");
    assert_int_equal(said_line_count(), 1);
    said_begin();
    own_fault_crowded();
    own_fault_crowded();
    said_end();
    assert_said("--max-connections");
    assert_said("ulimit -n");
    assert_int_equal(said_line_count(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_work_stands_still_and_why),
        cmocka_unit_test(test_limits_that_are_met),
    };
    log_open("lb", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
