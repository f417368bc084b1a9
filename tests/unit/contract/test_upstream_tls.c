/* How servers by https are spoken to: what the words take, and what follows from them. */
#include "lb/contract/upstream_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_nothing_said_believes_whoever_answers(void **state)
{
    (void)state;
    assert_false(upstream_tls_verifies(&(struct upstream_tls){0}));
}

static void test_a_ca_or_a_name_asks_for_verification(void **state)
{
    struct upstream_tls tls = {0};
    (void)state;
    assert_true(upstream_tls_set_ca(&tls, VIEW("ca.pem")));
    assert_true(upstream_tls_verifies(&tls));
    tls = (struct upstream_tls){0};
    assert_true(upstream_tls_set_name(&tls, VIEW("a.test")));
    assert_true(upstream_tls_verifies(&tls));
}

static void test_no_stays_no(void **state)
{
    struct upstream_tls tls = {0};
    (void)state;
    assert_true(upstream_tls_set_name(&tls, VIEW("a.test")));
    assert_true(upstream_tls_set_verify(&tls, VIEW("no")));
    assert_false(upstream_tls_verifies(&tls));
    assert_true(upstream_tls_set_verify(&tls, VIEW("Yes")));
    assert_true(upstream_tls_verifies(&tls));
    assert_false(upstream_tls_set_verify(&tls, VIEW("on")));
    assert_true(upstream_tls_verifies(&tls));
}

static void test_a_label_names_no_path(void **state)
{
    static const char *const paths[] = {"/etc/shadow", "../ca.pem", ".ca.pem", "a/b.pem", ""};
    struct upstream_tls tls = {0};
    (void)state;
    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_false(upstream_tls_set_ca(&tls, view_str(paths[i])));
        assert_false(upstream_tls_set_certificate(&tls, view_str(paths[i])));
    }
    assert_string_equal(tls.ca, "");
}

static void test_names_are_those_of_certificates(void **state)
{
    struct upstream_tls tls = {0};
    (void)state;
    assert_true(upstream_tls_set_name(&tls, VIEW("App.Example.COM.")));
    assert_string_equal(tls.name, "app.example.com");
    assert_true(upstream_tls_set_name(&tls, VIEW("10.0.0.2")));
    assert_string_equal(tls.name, "10.0.0.2");
    assert_true(upstream_tls_set_name(&tls, VIEW("fd00::1")));
    assert_string_equal(tls.name, "fd00::1");
    assert_true(upstream_tls_set_name(&tls, VIEW("[fd00::2]")));
    assert_string_equal(tls.name, "fd00::2");
    assert_false(upstream_tls_set_name(&tls, VIEW("*.example.com")));
    assert_false(upstream_tls_set_name(&tls, VIEW("a b")));
    assert_false(upstream_tls_set_name(&tls, VIEW("a.test:443")));
    assert_false(upstream_tls_set_name(&tls, VIEW("*")));
    assert_string_equal(tls.name, "fd00::2");
}

static void test_the_same_said_is_the_same_bytes(void **state)
{
    struct upstream_tls one = {0}, other = {0};
    (void)state;
    assert_true(upstream_tls_set_name(&one, VIEW("a.much.longer.name.test")));
    assert_true(upstream_tls_set_name(&one, VIEW("a.test")));
    assert_true(upstream_tls_set_name(&other, VIEW("A.TEST")));
    assert_memory_equal(&one, &other, sizeof(one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said_believes_whoever_answers),
        cmocka_unit_test(test_a_ca_or_a_name_asks_for_verification),
        cmocka_unit_test(test_no_stays_no),
        cmocka_unit_test(test_a_label_names_no_path),
        cmocka_unit_test(test_names_are_those_of_certificates),
        cmocka_unit_test(test_the_same_said_is_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
