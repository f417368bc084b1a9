/* Claimants of several services that want the same requests: who shares them, and how. */
#include "discovery/contest/route_contest.h"

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

/* One of that service with a.test; `more` labels begin with a comma. The digits tell the age. */
static struct claimant *add(char digit, const char *service, const char *more)
{
    struct text labels = TEXT_INIT;
    text_appendf(&labels, "{\"lb.host\":\"a.test\",\"lb.service\":\"%s\"%s}", service, more);
    struct claimant *claimant = contestants_add(&all, digit, text_str(&labels));
    text_fini(&labels);
    return claimant;
}

static void append_route(const struct route *route, struct text *out)
{
    text_append(out, route->service);
    if (route->answer_status > 0)
        text_appendf(out, "=%u", route->answer_status);
    for (unsigned i = 0; i < route->share_count; i++) {
        text_append_str(out, i > 0 ? "," : ":");
        text_append(out, route->shares[i].service);
        text_appendf(out, "=%u", route->shares[i].weight);
    }
    for (unsigned i = 0; i < route->option_count; i++)
        text_appendf(out, " %s", route_option_word(route->options[i].kind));
}

static void check(const char *want)
{
    struct text got = TEXT_INIT;
    contestants_settle(&all);
    for (size_t i = 0; i < all.set.route_count; i++) {
        text_append_str(&got, i > 0 ? "; " : "");
        append_route(&all.set.routes[i], &got);
    }
    assert_string_equal(text_str(&got), want);
    text_fini(&got);
}

#define WEIGHT(number) ",\"lb.service.weight\":\"" #number "\""

static void test_where_nobody_says_a_weight_the_older_one_wins_as_ever(void **state)
{
    (void)state;
    add('1', "old", "");
    struct claimant *young = add('2', "new", "");
    check("old; new");
    assert_non_null(strstr(young->contested, "which is older, wants them for old"));
}

static void test_one_that_says_a_weight_gets_it_and_the_other_the_rest(void **state)
{
    (void)state;
    add('1', "old", "");
    struct claimant *young = add('2', "new", WEIGHT(5));
    check("old:old=95,new=5");
    assert_null(young->contested);
    add('3', "old", "");
    add('4', "new", "");
    check("old:old=95,new=5"); /* whatever the number of containers */
    add('5', "more", WEIGHT(0));
    check("old:old=95,new=5,more=0");
}

static void test_alone_it_gets_all(void **state)
{
    (void)state;
    add('2', "new", WEIGHT(5));
    check("new");
}

static void test_a_named_site(void **state)
{
    (void)state;
    add('1', "old", "");
    add('2', "x", ",\"lb.beta.host\":\"a.test\",\"lb.beta.weight\":\"20\",\"lb.host\":\"x.test\"");
    check("old:old=80,beta=20; x");
}

static void test_the_weight_is_the_oldest_containers_that_says_one(void **state)
{
    (void)state;
    add('1', "old", "");
    add('2', "new", "");
    add('3', "new", WEIGHT(5));
    struct claimant *youngest = add('4', "new", WEIGHT(50));
    check("old:old=95,new=5");
    assert_non_null(strstr(
        youngest->contested,
        "its weight 50 for the service new is overruled: the container c, which is older, says 5"));
}

static void test_who_is_down_has_no_share(void **state)
{
    (void)state;
    add('1', "old", "");
    struct claimant *young = add('2', "new", WEIGHT(5));
    young->is_running = false;
    check("old");
    young->is_running = true;
    check("old:old=95,new=5");
}

static void test_a_priority_is_above_shares(void **state)
{
    (void)state;
    add('1', "old", "");
    add('2', "new", WEIGHT(5) ",\"lb.priority\":\"9\"");
    check("old; new");
}

static void test_a_weight_that_is_none_is_told(void **state)
{
    (void)state;
    add('1', "old", "");
    add('2', "new", ",\"lb.service.weight\":\"5%\"");
    check("old; new");
}

static void test_other_treatment_is_told_and_the_oldest_ones_counts(void **state)
{
    (void)state;
    add('1', "old", ",\"lb.rate\":\"10/s\"");
    struct claimant *young = add('2', "new", WEIGHT(5));
    check("old:old=95,new=5 rate");
    assert_non_null(strstr(young->contested, "treated as the container c wants it"));
}

#define ALLOW(range) ",\"lb.allow\":\"" range "\""

/* Nobody is let in by one service of a group who is kept out by another. */
static void test_the_protected_treatment_counts(void **state)
{
    (void)state;
    add('1', "old", "");
    add('2', "new", WEIGHT(5) ALLOW("10.0.0.0/8"));
    check("new:old=95,new=5 allow");
}

static void test_protections_that_differ_are_not_mixed(void **state)
{
    (void)state;
    add('1', "old", ALLOW("10.0.0.0/8"));
    struct claimant *young = add('2', "new", WEIGHT(5) ALLOW("192.168.0.0/16"));
    add('3', "third", WEIGHT(50));
    check("old:old=50,third=50 allow; new allow");
    assert_non_null(strstr(young->contested, "is overruled"));
}

static void test_other_nouns_are_told_too(void **state)
{
    (void)state;
    struct claimant *old = add('1', "old", ""), *young = add('2', "new", "");
    old->noun = "task";
    old->name = "shop.1";
    check("old; new");
    assert_string_equal(young->contested,
                        "its route for a.test, by lb.host, is overruled: the task shop.1, which is "
                        "older, wants them for old");
}

static void test_one_that_is_hidden_takes_no_part(void **state)
{
    (void)state;
    add('1', "old", "")->is_hidden = true;
    assert_null(add('2', "new", "")->contested);
    check("new");
}

static void test_one_whose_route_is_held_gets_nothing(void **state)
{
    (void)state;
    add('1', "old", "");
    add('2', "new", WEIGHT(5) ",\"lb.auth\":\"nonsense\"");
    check("old; =503");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_where_nobody_says_a_weight_the_older_one_wins_as_ever),
        TEST(test_one_that_says_a_weight_gets_it_and_the_other_the_rest),
        TEST(test_alone_it_gets_all),
        TEST(test_a_named_site),
        TEST(test_the_weight_is_the_oldest_containers_that_says_one),
        TEST(test_who_is_down_has_no_share),
        TEST(test_a_priority_is_above_shares),
        TEST(test_a_weight_that_is_none_is_told),
        TEST(test_other_treatment_is_told_and_the_oldest_ones_counts),
        TEST(test_the_protected_treatment_counts),
        TEST(test_protections_that_differ_are_not_mixed),
        TEST(test_other_nouns_are_told_too),
        TEST(test_one_that_is_hidden_takes_no_part),
        TEST(test_one_whose_route_is_held_gets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
