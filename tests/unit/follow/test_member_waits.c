/* How long an endpoint is waited for, as its labels say. */
#include "lb/follow/member_waits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_each_deadline(void **state)
{
    static const struct {
        const char *value;
        bool is_good;
        unsigned ms;
    } rows[] = {
        {"0", true, 0},
        {"1", true, 1},
        {"86400000", true, 86400000},
        {"86400001", false, 0},
        {"-1", false, 0},
        {"4294967297", false, 0},
        {"1.0", false, 0},
        {"\"1\"", false, 0},
        {"null", false, 0},
        {"true", false, 0},
        {"9223372036854775807", false, 0},
    };
    (void)state;
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++) {
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            char text[100];
            struct waits waits;
            struct member_waits_refusal refusal = {0};
            snprintf(text, sizeof(text), "{\"%s\":%s}", waits_key(wait), rows[i].value);
            json_t *object = json_loads(text, 0, NULL);
            if (member_waits_read(object, &waits, &refusal) != rows[i].is_good)
                fail_msg("%s", text);
            if (rows[i].is_good) {
                assert_int_equal(waits.ms[wait], rows[i].ms);
                for (enum wait other = 0; other < WAIT_COUNT; other++)
                    assert_int_equal(waits.is_given[other], other == wait);
                assert_int_equal(waits.aborts_on_close, WAITS_UNSAID);
            } else {
                assert_string_equal(refusal.field, waits_key(wait));
                assert_string_equal(refusal.want, "want an integer from 0 to 86400000");
            }
            json_decref(object);
        }
    }
}

static void test_a_client_that_shuts_its_side(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        enum waits_choice choice;
    } rows[] = {
        {"{\"" WAITS_ABORT_KEY "\":true}", true, WAITS_YES},
        {"{\"" WAITS_ABORT_KEY "\":false}", true, WAITS_NO},
        {"{}", true, WAITS_UNSAID},
        {"{\"" WAITS_ABORT_KEY "\":1}", false, WAITS_UNSAID},
        {"{\"" WAITS_ABORT_KEY "\":null}", false, WAITS_UNSAID},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct waits waits;
        struct member_waits_refusal refusal = {0};
        json_t *object = json_loads(rows[i].text, 0, NULL);
        assert_int_equal(member_waits_read(object, &waits, &refusal), rows[i].is_good);
        assert_int_equal(waits.aborts_on_close, rows[i].choice);
        if (!rows[i].is_good)
            assert_string_equal(refusal.field, WAITS_ABORT_KEY);
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_deadline),
        cmocka_unit_test(test_a_client_that_shuts_its_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
