/* Answers of PostgreSQL: when they are whole, and what an error says. */
#include "lb/health/postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define FIELDS "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0Fpostmaster.c\0\0"

static const struct {
    struct view answer, text;
} wholes[] = {
    {VIEW("S"), {"", 0}},
    {VIEW("N"), {"", 0}},
    {VIEW("HTTP"), {"TTP", 3}},
    {VIEW("E\0\0\0\x4C" FIELDS), VIEW("the database system is starting up")},
    {VIEW("E\0\0\0\x05\0"), {"", 0}},
    {VIEW("E\0\0\0\x04"), {"", 0}},
    {VIEW("E\0\0\0\x0A"
          "Shalf\0"),
     {"", 0}},
    {VIEW("E\0\0\0\x08"
          "Mend"),
     VIEW("end")},
    {VIEW("Ecould not fork: no memory\n\0"), VIEW("could not fork: no memory\n")},
    {VIEW("E\0abc\0"), VIEW("")},
};

static void test_whole_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        if (!postgres_is_whole(wholes[i].answer))
            fail_msg("row %zu is not whole", i);
        if (!view_eq(postgres_text(wholes[i].answer), wholes[i].text))
            fail_msg("text of row %zu: %s", i, postgres_text(wholes[i].answer).ptr);
    }
}

/* Byte by byte: an error is whole with its last byte and not before. */
static void test_parts_of_an_error(void **state)
{
    (void)state;
    for (size_t row = 3; row < 9; row++) {
        struct view answer = wholes[row].answer;
        for (size_t len = 1; len < answer.len; len++)
            if (postgres_is_whole(view_of(answer.ptr, len)))
                fail_msg("row %zu is whole with %zu bytes", row, len);
    }
}

/* A length that is not reached, or a text without an end: what there is is told. */
static void test_cut_errors(void **state)
{
    struct view cut = VIEW("E\0\0\xFF\xFF"
                           "SFATAL\0Mhalf a sent");
    (void)state;
    assert_false(postgres_is_whole(cut));
    assert_true(view_eq(postgres_text(cut), VIEW("half a sent")));
    assert_true(view_eq(postgres_text(VIEW("Ehalf")), VIEW("half")));
    assert_true(view_eq(postgres_text(VIEW("E")), VIEW("")));
    assert_true(view_eq(postgres_text(VIEW("")), VIEW("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_answers),
        cmocka_unit_test(test_parts_of_an_error),
        cmocka_unit_test(test_cut_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
