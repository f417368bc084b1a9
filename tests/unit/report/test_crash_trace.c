/* The text of a crash as frames, and texts that are none. */
#include "lb/report/crash_trace.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define HEAD                                                                                       \
    "crashed: signal 11 (SIGSEGV) at address 0x0 in thread 7 (lb-proxy); version 0.1.0, build id "

static void test_real(void **state)
{
    struct crash_trace trace;
    (void)state;
    assert_true(crash_trace_read(
        VIEW(HEAD
             "00ff; code libc.so.6+0x12 ? lb-proxy+0x1f2e lb-proxy+0x10 libuv.so.1+0x99 0x7f00"),
        "lb-proxy", &trace));
    assert_true(view_eq(
        trace.what, VIEW("crashed: signal 11 (SIGSEGV) at address 0x0 in thread 7 (lb-proxy)")));
    assert_true(view_eq(trace.version, VIEW("0.1.0")));
    assert_true(view_eq(trace.build_id, VIEW("00ff")));
    assert_true(view_eq(trace.place, VIEW("lb-proxy+0x1f2e")));
    assert_int_equal(trace.frame_count, 5);
    assert_true(view_eq(trace.frames[0].function, VIEW("0x7f00")));
    assert_int_equal(trace.frames[0].instruction_address, 0x7f00);
    assert_true(view_eq(trace.frames[3].function, VIEW("lb-proxy+0x1f2e")));
    assert_true(view_eq(trace.frames[3].package, VIEW("lb-proxy")));
    assert_int_equal(trace.frames[3].instruction_address, 0x1f2e);
    assert_int_equal(trace.frames[3].image_number, 1);
    assert_true(trace.frames[3].is_in_app);
    assert_true(view_eq(trace.frames[4].package, VIEW("libc.so.6")));
    assert_int_equal(trace.frames[4].instruction_address, 0);
    assert_false(trace.frames[4].is_in_app);
}

static void test_none(void **state)
{
    static const char *const rows[] = {"",
                                       "x",
                                       "; code ",
                                       "; code ? ?",
                                       "; code main+0x",
                                       "; code a+0xg b+12 0x",
                                       "; code a+0x11111111111111111",
                                       "code lb-proxy+0x1"};
    struct crash_trace trace;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(crash_trace_read(view_str(rows[i]), "lb-proxy", &trace));
        assert_true(view_eq(trace.what, view_str(rows[i])));
        assert_int_equal(trace.place.len, 0);
    }
}

static void test_in_a_library_only(void **state)
{
    struct crash_trace trace;
    (void)state;
    assert_true(crash_trace_read(VIEW(HEAD "unknown; code libc.so.6+0x12 libc.so.6+0x13"),
                                 "lb-proxy", &trace));
    assert_true(view_eq(trace.place, VIEW("libc.so.6+0x12")));
    assert_int_equal(trace.build_id.len, 0);
}

static void test_many(void **state)
{
    char text[4096];
    struct crash_trace trace;
    int len = snprintf(text, sizeof(text), "; code");
    (void)state;
    for (unsigned i = 0; i < 2 * CRASH_TRACE_FRAMES_MAX; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, " lb-proxy+0x%x", i);
    assert_true(crash_trace_read(view_str(text), "lb-proxy", &trace));
    assert_int_equal(trace.frame_count, CRASH_TRACE_FRAMES_MAX);
    assert_true(view_eq(trace.frames[CRASH_TRACE_FRAMES_MAX - 1].function, VIEW("lb-proxy+0x0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_in_a_library_only),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
