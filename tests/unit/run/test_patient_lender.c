/* Who asks for an address that is in use, and for how long. */
#include "lb/run/patient_lender.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/support/said.h"

#define LONG_MS 60000u

static struct patient_lender patient;
static unsigned asked;
static unsigned in_use_count; /* so often it is refused before it is had */
static int other_error;

static int lend(void *owner, const struct channel_socket *wanted, struct listening *out)
{
    (void)owner, (void)wanted, (void)out;
    return ++asked <= in_use_count ? -EADDRINUSE : other_error;
}

static void take_back(void *owner, const struct channel_socket *wanted)
{
    (void)wanted;
    *(unsigned *)owner += 100;
}

static int begin(void **state)
{
    (void)state;
    asked = in_use_count = 0;
    other_error = 0;
    patient_lender_init(&patient,
                        (struct lender){.lend = lend, .take_back = take_back, .owner = &asked});
    return 0;
}

static int ask(void)
{
    struct channel_socket wanted = {.count = 1};
    struct listening listening;
    struct lender lender = patient_lender_as_lender(&patient);
    assert_true(address_parse(VIEW("127.0.0.1:80"), &wanted.wanted));
    said_begin();
    int rc = lender.lend(lender.owner, &wanted, &listening);
    said_end();
    return rc;
}

static void test_without_patience(void **state)
{
    (void)state;
    in_use_count = 1;
    assert_int_equal(ask(), -EADDRINUSE);
    assert_int_equal(asked, 1);
    assert_int_equal(said_line_count(), 0);
}

static void test_until_it_is_free(void **state)
{
    (void)state;
    in_use_count = 3;
    patient_lender_wait(&patient, LONG_MS);
    assert_int_equal(ask(), 0);
    assert_int_equal(asked, 4);
    assert_int_equal(said_line_count(), 1);
    assert_said("127.0.0.1:80 is in use: waiting for who has it to let go of it");
}

static void test_patience_ends(void **state)
{
    (void)state;
    in_use_count = UINT32_MAX;
    patient_lender_wait(&patient, 30);
    assert_int_equal(ask(), -EADDRINUSE);
    assert_true(asked > 1);
    asked = 0; /* it is one for all */
    assert_int_equal(ask(), -EADDRINUSE);
    assert_int_equal(asked, 1);
    patient_lender_wait(&patient, LONG_MS);
    patient_lender_wait(&patient, 0);
    asked = 0;
    assert_int_equal(ask(), -EADDRINUSE);
    assert_int_equal(asked, 1);
}

static void test_other_troubles_are_not_waited_for(void **state)
{
    (void)state;
    other_error = -EACCES;
    patient_lender_wait(&patient, LONG_MS);
    assert_int_equal(ask(), -EACCES);
    assert_int_equal(asked, 1);
}

static void test_what_is_given_back(void **state)
{
    struct lender lender = patient_lender_as_lender(&patient);
    (void)state;
    lender.take_back(lender.owner, NULL);
    assert_int_equal(asked, 100);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup(test, begin)
    const struct CMUnitTest tests[] = {
        TEST(test_without_patience),   TEST(test_until_it_is_free),
        TEST(test_patience_ends),      TEST(test_other_troubles_are_not_waited_for),
        TEST(test_what_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
