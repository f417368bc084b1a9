/* Claimants that want the same listener for other services: who gets it, and what is told. */
#include "discovery/contest/listener_contest.h"

#include "discovery/listener_order.h"
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

/* One with those labels. The digits tell the age. */
static struct claimant *add(char digit, const char *labels)
{
    return contestants_add(&all, digit, labels);
}

/* "tcp 5432 > db by 1; …" */
static void check(const char *expected)
{
    struct text got = TEXT_INIT;
    contestants_settle(&all);
    for (size_t i = 0; i < all.set.listener_count; i++) {
        const struct listener_rule *rule = &all.set.listeners[i];
        text_append_str(&got, i > 0 ? "; " : "");
        listener_order_append_name(rule, &got);
        text_appendf(&got, " > %.*s by %c", (int)rule->service.len, rule->service.ptr,
                     rule->container.ptr[0]);
        assert_true(view_eq(rule->container_name, VIEW("c")));
        assert_true(rule->created_ns > 0);
    }
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
}

#define DB(service, port) "{\"lb.service\":\"" service "\",\"lb.tcp\":\"" port ":1\"}"
#define SNI(service, name)                                                                         \
    "{\"lb.service\":\"" service "\",\"lb.tcp\":\"443:1\",\"lb.tcp.sni\":\"" name "\"}"

static void test_all_that_agree_are_told_in_order(void **state)
{
    (void)state;
    add('3', DB("db", "5432"));
    add('1', DB("db", "5432"));
    struct claimant *other = add('2', DB("other", "300"));
    check("tcp 300 > other by 2; tcp 5432 > db by 1; tcp 5432 > db by 3");
    assert_null(other->contested);
}

static void test_older_one_gets_what_several_want(void **state)
{
    (void)state;
    struct claimant *young = add('2', DB("new", "5432"));
    struct claimant *old = add('1', DB("old", "5432"));
    check("tcp 5432 > old by 1; tcp 5432 > new by 2");
    assert_null(old->contested);
    assert_string_equal(young->contested,
                        "its listener tcp 5432, by lb.tcp, is overruled: the container c, which is "
                        "older, wants it for old");
}

static void test_other_names_and_kinds_are_no_contest(void **state)
{
    (void)state;
    struct claimant *claimant = add('1', SNI("a", "a.test"));
    add('2', SNI("b", "b.test"));
    add('3', DB("c", "443"));
    add('4', "{\"lb.service\":\"d\",\"lb.udp\":\"443:1\"}");
    check("tcp 443 > c by 3; tcp 443 for a.test > a by 1; tcp 443 for b.test > b by 2; "
          "udp 443 > d by 4");
    assert_null(claimant->contested);
}

static void test_container_asks_twice(void **state)
{
    (void)state;
    struct claimant *claimant = add('1', "{\"lb.a.tcp\":\"5:1\",\"lb.b.tcp\":\"5:1\"}");
    check("tcp 5 > a by 1; tcp 5 > b by 1");
    assert_string_equal(claimant->contested,
                        "its listener tcp 5, by lb.b.tcp, is already that of its service a");
}

/* Where it is one among many of a listener nobody else gets its clients; the whole of a listener ends. */
static void test_who_is_down_keeps_its_names_only(void **state)
{
    (void)state;
    struct claimant *name = add('1', SNI("a", "a.test")), *whole = add('2', DB("b", "5"));
    name->is_running = whole->is_running = false;
    check("tcp 443 for a.test > a by 1");
    struct claimant *other = add('3', SNI("c", "a.test"));
    check("tcp 443 for a.test > c by 3");
    assert_null(other->contested);
}

static void test_who_cannot_be_served_has_none(void **state)
{
    (void)state;
    add('1', "{\"lb.tcp\":\"5:1\",\"lb.weight\":\"x\"}");
    add('2', "{\"lb.tcp\":\"6:1\",\"lb.enable\":\"false\"}");
    struct claimant *hidden = add('3', DB("b", "7"));
    hidden->is_hidden = true;
    check("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_that_agree_are_told_in_order),
        TEST(test_older_one_gets_what_several_want),
        TEST(test_other_names_and_kinds_are_no_contest),
        TEST(test_container_asks_twice),
        TEST(test_who_is_down_keeps_its_names_only),
        TEST(test_who_cannot_be_served_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
