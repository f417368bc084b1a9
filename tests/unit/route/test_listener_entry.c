/* Which rule of one listener holds: by the name that a client asks for, and what it offers beside. */
#include "tests/unit/route/listener_case.h"

#include <stdio.h>

static const char *const rules[] = {
    "1.1.1.1:443/a.test=exact",
    "1.1.1.1:443/a.test#h2=exact-h2",
    "1.1.1.1:443/a.test#acme-tls/1=exact-acme",
    "1.1.1.1:443/*.a.test=star-a",
    "1.1.1.1:443/*.test=star",
    "1.1.1.1:443/*.x.a.test#h2=star-x-h2",
    "1.1.1.1:443/only.test#h2=only-h2",
    "1.1.1.1:443#h2=any-h2",
    "1.1.1.1:443=rest",
};

/* `alpns`: "h2 http/1.1". */
static const char *find(const struct listener_table *table, const char *name, const char *alpns)
{
    static char found[64];
    struct view rest = view_str(alpns), offered[8];
    unsigned count = 0;
    while (rest.len > 0)
        offered[count++] = view_cut(&rest, ' ');
    uint32_t number = listener_entry_find(entry_at(table, SERVICE_TCP, "1.1.1.1:443"),
                                          view_str(name), offered, count);
    if (number == LISTENER_TABLE_NONE)
        return "";
    struct view service = listener_table_service(table, number)->name;
    snprintf(found, sizeof(found), "%.*s", (int)service.len, service.ptr);
    return found;
}

static void test_the_most_specific_rule_holds(void **state)
{
    static const struct {
        const char *name, *alpns, *want;
    } cases[] = {
        {"a.test", "", "exact"},
        {"a.test", "http/1.1", "exact"},
        {"a.test", "http/1.1 h2", "exact-h2"},
        {"a.test", "acme-tls/1", "exact-acme"},
        {"b.a.test", "h2", "star-a"},
        {"c.b.a.test", "", "star-a"},
        {"x.a.test", "h2", "star-a"},
        {"y.x.a.test", "h2", "star-x-h2"},
        {"y.x.a.test", "http/1.1", "star-a"}, /* the longest of those that offer it */
        {"b.test", "h2", "star"},
        {"aa.test", "", "star"},
        {"only.test", "h2", "only-h2"},
        {"only.test", "", "star"},
        {"test", "", "rest"},
        {"test", "h2", "any-h2"},
        {"a.test.evil", "", "rest"},
        {"xa.test2", "h2x", "rest"},
        {"", "", "rest"},
        {"", "h2", "any-h2"},
        {".", "", "rest"},
        {".test", "", "rest"},
        {"..test", "", "star"},
    };
    (void)state;
    struct listener_table *table = table_of(rules, COUNT_OF(rules));
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(find(table, cases[i].name, cases[i].alpns), cases[i].want);
    listener_table_unref(table);
}

static void test_where_no_rule_holds_nothing_is_found(void **state)
{
    static const char *const named[] = {"1.1.1.1:443/a.test=a", "1.1.1.1:443/*.b.test=b",
                                        "1.1.1.1:443#h2=h2"};
    (void)state;
    struct listener_table *table = table_of(named, COUNT_OF(named));
    assert_string_equal(find(table, "b.test", ""), "");
    assert_string_equal(find(table, "", ""), "");
    assert_string_equal(find(table, "a.test", ""), "a");
    assert_string_equal(find(table, "c.test", "h2"), "h2");
    assert_int_equal(listener_entry_default(entry_at(table, SERVICE_TCP, "1.1.1.1:443")),
                     LISTENER_TABLE_NONE);
    listener_table_unref(table);
}

/* A connection is only looked into where that may tell something. */
static void test_a_listener_says_whether_it_has_names(void **state)
{
    static const struct {
        const char *rule;
        bool has_names;
    } cases[] = {{"1.1.1.1:443=a", false},
                 {"1.1.1.1:443/a.test=a", true},
                 {"1.1.1.1:443/*.test=a", true},
                 {"1.1.1.1:443#h2=a", true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const both[] = {cases[i].rule, "2.2.2.2:443/other.test=b"};
        struct listener_table *table = table_of(both, 2);
        assert_int_equal(listener_entry_has_names(entry_at(table, SERVICE_TCP, "1.1.1.1:443")),
                         cases[i].has_names);
        listener_table_unref(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_most_specific_rule_holds),
        cmocka_unit_test(test_where_no_rule_holds_nothing_is_found),
        cmocka_unit_test(test_a_listener_says_whether_it_has_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
