/* Containers of several services that want the same requests: who shares them, and how. */
#include "discovery/docker/contest.h"

#include "discovery/docker/survey.h"
#include "tests/unit/discovery/docker/world.h"

static struct roster roster;
static struct vantage vantage;
static struct set set;

static int open_all(void **state)
{
    (void)state;
    roster = (struct roster){0};
    set = (struct set){0};
    stand(&vantage, INSIDE);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    roster_fini(&roster);
    vantage_fini(&vantage);
    set_fini(&set);
    return 0;
}

/* A container of that service with a.test; `more` labels begin with a comma. The digits tell the age. */
static struct member *add(char digit, const char *service, const char *more)
{
    struct text labels = TEXT_INIT;
    text_appendf(&labels, "{\"lb.host\":\"a.test\",\"lb.service\":\"%s\"%s}", service, more);
    struct container *container =
        make(&(struct want){.labels = text_str(&labels), .networks = "web=10.2.0.2"}, digit);
    struct listing entry = {.id = container->id,
                            .name = container->name,
                            .state = "running",
                            .image = "x",
                            .is_alive = true,
                            .fingerprint = 1};
    struct member *member;
    roster_take_listing(&roster, &entry, 0, false, &member);
    roster_take_container(&roster, member, container, 0);
    member->container->created_ns = (uint64_t)(digit - '0');
    text_fini(&labels);
    return member;
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
    survey_take(&roster, &vantage, 1, &set);
    for (size_t i = 0; i < set.route_count; i++) {
        text_append_str(&got, i > 0 ? "; " : "");
        append_route(&set.routes[i], &got);
    }
    assert_string_equal(text_str(&got), want);
    text_fini(&got);
}

#define WEIGHT(number) ",\"lb.service.weight\":\"" #number "\""

static void test_where_nobody_says_a_weight_the_older_one_wins_as_ever(void **state)
{
    (void)state;
    add('1', "old", "");
    struct member *young = add('2', "new", "");
    check("old; new");
    assert_non_null(strstr(young->contested, "which is older, wants them for old"));
}

static void test_one_that_says_a_weight_gets_it_and_the_other_the_rest(void **state)
{
    (void)state;
    add('1', "old", "");
    struct member *young = add('2', "new", WEIGHT(5));
    check("old:old=95,new=5");
    assert_null(young->contested);
    add('3', "old", "");
    add('4', "new", "");
    check("old:old=95,new=5"); /* whatever the number of containers */
    add('5', "more", WEIGHT(0));
    check("old:old=95,new=5,more=0");
    assert_int_equal(set.endpoint_count, 5);
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
    struct member *youngest = add('4', "new", WEIGHT(50));
    check("old:old=95,new=5");
    assert_non_null(strstr(youngest->contested, "its weight 50 for the service new is overruled"));
}

static void test_who_is_down_has_no_share(void **state)
{
    (void)state;
    add('1', "old", "");
    struct member *young = add('2', "new", WEIGHT(5));
    young->container->running = false;
    check("old");
    young->container->running = true;
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
    struct member *young = add('2', "new", WEIGHT(5));
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
    struct member *young = add('2', "new", WEIGHT(5) ALLOW("192.168.0.0/16"));
    add('3', "third", WEIGHT(50));
    check("old:old=50,third=50 allow; new allow");
    assert_non_null(strstr(young->contested, "is overruled"));
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
        TEST(test_one_whose_route_is_held_gets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
