/* Rules of listeners, compiled: listeners are found by kind and address, services have numbers. */
#include "tests/unit/route/listener_case.h"

#include <string.h>

static const char *const several[] = {
    "10.0.0.1:443/a.test=shop", "10.0.0.1:443=rest",    "10.0.0.2:443=rest", "[fd00::1]:443=six",
    "udp 10.0.0.1:443=quic",    "udp 10.0.0.1:53=rest", "0.0.0.0:5432=db",
};

static void test_a_listener_is_found_by_kind_and_address(void **state)
{
    static const struct {
        enum service_kind kind;
        const char *at, *service; /* NULL: there is no such listener */
    } cases[] = {
        {SERVICE_TCP, "10.0.0.1:443", "rest"}, {SERVICE_TCP, "10.0.0.2:443", "rest"},
        {SERVICE_TCP, "[fd00::1]:443", "six"}, {SERVICE_UDP, "10.0.0.1:443", "quic"},
        {SERVICE_UDP, "10.0.0.1:53", "rest"},  {SERVICE_TCP, "0.0.0.0:5432", "db"},
        {SERVICE_TCP, "10.0.0.3:443", NULL},   {SERVICE_TCP, "10.0.0.1:444", NULL},
        {SERVICE_UDP, "10.0.0.2:443", NULL},   {SERVICE_UDP, "0.0.0.0:5432", NULL},
        {SERVICE_TCP, "[fd00::2]:443", NULL},  {SERVICE_TCP, "10.0.0.1:5432", NULL},
    };
    (void)state;
    struct listener_table *table = table_of(several, COUNT_OF(several));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct listener_entry *entry = entry_at(table, cases[i].kind, cases[i].at);
        assert_int_equal(entry != NULL, cases[i].service != NULL);
        if (!entry)
            continue;
        const struct listener_table_service *service =
            listener_table_service(table, listener_entry_default(entry));
        assert_true(view_eq(service->name, view_str(cases[i].service)));
        assert_int_equal(service->kind, cases[i].kind);
    }
    listener_table_unref(table);
}

static void test_a_service_has_one_number_in_each_kind(void **state)
{
    static const struct {
        const char *name;
        enum service_kind kind;
        bool is_there;
    } cases[] = {
        {"shop", SERVICE_TCP, true},  {"rest", SERVICE_TCP, true},  {"six", SERVICE_TCP, true},
        {"db", SERVICE_TCP, true},    {"quic", SERVICE_UDP, true},  {"rest", SERVICE_UDP, true},
        {"quic", SERVICE_TCP, false}, {"shop", SERVICE_UDP, false}, {"rest", SERVICE_HTTP, false},
        {"", SERVICE_TCP, false},     {"shopp", SERVICE_TCP, false}};
    (void)state;
    struct listener_table *table = table_of(several, COUNT_OF(several));
    assert_int_equal(listener_table_service_count(table), 6);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t number =
            listener_table_service_find(table, view_str(cases[i].name), cases[i].kind);
        assert_int_equal(number != LISTENER_TABLE_NONE, cases[i].is_there);
        if (!cases[i].is_there)
            continue;
        assert_true(view_eq(listener_table_service(table, number)->name, view_str(cases[i].name)));
        assert_int_equal(listener_table_service(table, number)->kind, cases[i].kind);
    }
    listener_table_unref(table);
}

static void test_people_see_rules_in_the_order_in_which_they_are_looked_at(void **state)
{
    static const char *const mixed[] = {"udp 1.1.1.1:53=dns",        "1.1.1.1:443=rest",
                                        "1.1.1.1:443/*.test=stars",  "1.1.1.1:443/b=b",
                                        "1.1.1.1:443/a#http/1.1=a1", "1.1.1.1:443/a=a",
                                        "1.1.1.1:443/a#h2=a2"};
    static const char *const want[] = {
        "1.1.1.1:443/a#h2=a2", "1.1.1.1:443/a#http/1.1=a1", "1.1.1.1:443/a=a",
        "1.1.1.1:443/b=b",     "1.1.1.1:443/*.test=stars",  "1.1.1.1:443=rest",
        "1.1.1.1:53=dns"};
    (void)state;
    struct listener_table *table = table_of(mixed, COUNT_OF(mixed));
    struct text text = TEXT_INIT;
    assert_int_equal(listener_table_rule_count(table), COUNT_OF(want));
    for (unsigned i = 0; i < COUNT_OF(want); i++) {
        text_clear(&text);
        listener_rule_format(listener_table_rule(table, i), &text);
        assert_string_equal(text_str(&text), want[i]);
    }
    text_fini(&text);
    listener_table_unref(table);
}

static void test_all_texts_are_its_own(void **state)
{
    char bytes[] = "1.1.1.1:443/A.Test#h2=shop\0container\0name\0lb.tcp\0lb\0db";
    (void)state;
    struct listener_rule rule = rule_of(SERVICE_TCP, bytes);
    rule.container = view_str(bytes + 27);
    rule.container_name = view_str(bytes + 37);
    rule.label = view_str(bytes + 42);
    rule.dialect = view_str(bytes + 49);
    rule.listener = view_str(bytes + 52);
    rule.created_ns = 7;
    struct listener_table *table = listener_table_new(&rule, 1);
    memset(bytes, 'x', sizeof(bytes));
    const struct listener_rule *own = listener_table_rule(table, 0);
    assert_true(view_eq(own->server_name, VIEW("a.test"))); /* as it is looked for */
    assert_true(view_eq(own->alpn, VIEW("h2")));
    assert_true(view_eq(own->service, VIEW("shop")));
    assert_true(view_eq(own->container, VIEW("container")));
    assert_true(view_eq(own->container_name, VIEW("name")));
    assert_true(view_eq(own->label, VIEW("lb.tcp")));
    assert_true(view_eq(own->dialect, VIEW("lb")));
    assert_true(view_eq(own->listener, VIEW("db")));
    assert_int_equal(own->created_ns, 7);
    listener_table_unref(listener_table_ref(table));
    listener_table_unref(table);
    listener_table_unref(NULL);
}

static void test_two_tables_are_the_same_or_not(void **state)
{
    static const char *const others[] = {"10.0.0.1:443/a.test=shop", "10.0.0.1:443=other"};
    (void)state;
    struct listener_table *one = table_of(several, 2), *same = table_of(several, 2);
    struct listener_table *longer = table_of(several, 3), *other = table_of(others, 2);
    struct listener_rule rule = rule_of(SERVICE_TCP, "10.0.0.1:443=rest");
    struct listener_table *by_hand = listener_table_new(&rule, 1);
    rule.container = VIEW("4f9c");
    struct listener_table *by_container = listener_table_new(&rule, 1);
    assert_true(listener_table_is_same(one, same));
    assert_false(listener_table_is_same(one, longer));
    assert_false(listener_table_is_same(one, other));
    assert_false(listener_table_is_same(by_hand, by_container));
    assert_false(listener_table_is_same(one, NULL));
    assert_false(listener_table_is_same(NULL, one));
    assert_true(listener_table_is_same(NULL, NULL));
    struct listener_table *const all[] = {one, same, longer, other, by_hand, by_container};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        listener_table_unref(all[i]);
}

static void test_a_table_without_rules_leads_nowhere(void **state)
{
    (void)state;
    struct listener_table *table = listener_table_new(NULL, 0);
    assert_int_equal(listener_table_service_count(table), 0);
    assert_int_equal(listener_table_rule_count(table), 0);
    assert_null(entry_at(table, SERVICE_TCP, "1.1.1.1:80"));
    assert_true(listener_table_is_same(table, NULL));
    listener_table_unref(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_listener_is_found_by_kind_and_address),
        cmocka_unit_test(test_a_service_has_one_number_in_each_kind),
        cmocka_unit_test(test_people_see_rules_in_the_order_in_which_they_are_looked_at),
        cmocka_unit_test(test_all_texts_are_its_own),
        cmocka_unit_test(test_two_tables_are_the_same_or_not),
        cmocka_unit_test(test_a_table_without_rules_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
