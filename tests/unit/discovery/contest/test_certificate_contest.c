/* Containers that wish for certificates of the same names: whose wish counts. */
#include "discovery/contest/certificate_contest.h"

#include "tests/unit/discovery/contest/contestants.h"

static struct contestants all;

static int open_all(void **state)
{
    (void)state;
    all = (struct contestants){0};
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    contestants_fini(&all);
    return 0;
}

static struct claimant *add(char digit, const char *host)
{
    char labels[256];
    snprintf(labels, sizeof(labels), "{\"lb.host\":\"%s\",\"lb.tls\":\"auto\"}", host);
    return contestants_add(&all, digit, labels);
}

/* "a,b by 1; …" */
static void check(const char *expected)
{
    struct text got = TEXT_INIT;
    contestants_settle(&all);
    text_append_str(&got, "");
    for (size_t i = 0; i < all.set.certificate_count; i++) {
        const struct certificate_wish *wish = &all.set.certificates[i];
        for (unsigned k = 0; k < wish->name_count; k++) {
            text_append_str(&got, k > 0 ? "," : i > 0 ? "; " : "");
            text_append(&got, wish->names[k]);
        }
        text_appendf(&got, " by %c", wish->container.ptr[0]);
        assert_true(view_eq(wish->container_name, VIEW("c")));
        assert_true(view_eq(wish->dialect, VIEW("lb")));
        assert_true(view_eq(wish->label, VIEW("lb.tls")));
    }
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
}

static void test_replicas_have_one(void **state)
{
    (void)state;
    struct claimant *young = add('3', "b.test,a.test");
    add('1', "b.test,a.test");
    check("b.test,a.test by 1");
    assert_null(young->contested);
}

static void test_older_one_counts_also_when_it_is_down(void **state)
{
    (void)state;
    struct claimant *old = add('1', "b.test");
    add('2', "a.test,b.test");
    check("a.test by 2; b.test by 1");
    old->is_running = false;
    check("a.test by 2; b.test by 1");
}

static void test_hidden_ones_have_no_part(void **state)
{
    (void)state;
    struct claimant *old = add('1', "b.test");
    add('2', "a.test,b.test");
    old->is_hidden = true;
    check("a.test,b.test by 2");
}

static void test_disabled_ones_have_none(void **state)
{
    (void)state;
    contestants_add(&all, '1', "{\"lb.host\":\"a.test\",\"lb.tls\":\"auto\",\"lb.enable\":\"no\"}");
    check("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replicas_have_one, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_older_one_counts_also_when_it_is_down, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_hidden_ones_have_no_part, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_disabled_ones_have_none, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
