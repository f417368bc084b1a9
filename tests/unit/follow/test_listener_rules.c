/* Whom listeners lead to: the operator's rules and what containers ask for, settled. */
#include "tests/unit/follow/listeners_case.h"

#include <string.h>

/* As it is, one rule or join after the other. */
static void check(const char *want_rules, const char *want_joins)
{
    struct listener_rules next;
    struct text text = TEXT_INIT;
    wishes.keeper = &keeper;
    listener_rules_settle(&wishes, &rules, &next);
    listener_rules_fini(&rules);
    rules = next;
    for (unsigned i = 0; rules.table && i < listener_table_rule_count(rules.table); i++) {
        const struct listener_rule *rule = listener_table_rule(rules.table, i);
        text_appendf(&text, "%s ", service_kind_word(rule->kind));
        listener_rule_format(rule, &text);
        text_append_char(&text, '\n');
        assert_int_equal(rule->port, address_port(&rule->at));
    }
    assert_string_equal(text_str(&text), want_rules);
    text_clear(&text);
    for (unsigned i = 0; i < rules.join_count; i++) {
        const struct listener_join *join = &rules.joins[i];
        text_appendf(&text, "%s ", service_kind_word(join->kind));
        text_append(&text, join->container);
        text_append_str(&text, " of ");
        text_append(&text, join->service);
        text_appendf(&text, " in %s\n", join->target);
    }
    assert_string_equal(text_str(&text), want_joins);
    text_fini(&text);
}

static void check_refused(unsigned count, const char *id, const char *want)
{
    assert_int_equal(rules.refused_count, count);
    const char *why = json_string_value(json_object_get(rules.refused, id));
    assert_string_equal(why ? why : "", want);
}

static void test_operators_rules_are_as_they_are_written(void **state)
{
    (void)state;
    open_listeners((const char *const[]){"tcp 10.0.0.1:5432=db", "udp 53=dns", "tcp 443/a.test=a",
                                         "tcp 443#h2=b", NULL});
    check("tcp 0.0.0.0:443/a.test=a\ntcp 0.0.0.0:443#h2=b\ntcp 10.0.0.1:5432=db\n"
          "udp 0.0.0.0:53=dns\n",
          "");
    check_refused(0, "", "");
}

static void test_what_is_open_is_given(void **state)
{
    (void)state;
    open_listeners((const char *const[]){"tcp 10.0.0.1:5432", "tcp 10.0.0.2:5432", "udp 5432",
                                         "tcp 6379", NULL});
    claim_at(0, CLAIM(PORT("5432"), "a", "db", "5"));
    check("tcp 10.0.0.1:5432=db\ntcp 10.0.0.2:5432=db\n", "");
    check_refused(0, "a", "");
}

static void test_inside_the_range_containers_have_listeners(void **state)
{
    (void)state;
    open_range("10.0.0.9:10000-10001");
    open_listeners((const char *const[]){"udp 10001", NULL});
    claim_at(0, CLAIM(PORT("10000"), "a", "db", "5") "," CLAIM_OF(
                    "udp", PORT("10001"), "b", "dns", "5", "") "," CLAIM_OF("udp", PORT("10000"),
                                                                            "c", "dns2", "5", ""));
    check("tcp 10.0.0.9:10000=db\nudp 10.0.0.9:10000=dns2\nudp 0.0.0.0:10001=dns\n", "");
    check_refused(0, "a", "");
}

static void test_what_is_not_open_is_refused_with_both_ways(void **state)
{
    (void)state;
    claim_at(0, CLAIM(PORT("5432"), "a", "db", "5") "," CLAIM_OF("udp", PORT("53"), "b", "dns", "5",
                                                                 "") "," CLAIM(NAMED("cache"), "c",
                                                                               "redis", "5"));
    check("", "");
    check_refused(3, "a",
                  "lb.tcp: tcp port 5432 is not open to containers: --tcp 5432 would open it, or "
                  "--dynamic-ports a range that has it");
    check_refused(3, "b",
                  "lb.udp: udp port 53 is not open to containers: --udp 53 would open it, or "
                  "--dynamic-ports a range that has it");
    check_refused(3, "c",
                  "lb.tcp: lb has no tcp listener for a service \"cache\": --tcp IP:PORT=cache "
                  "would open one");
    assert_non_null(strstr(text_str(&rules.first_told), "name-a: lb.tcp: tcp port 5432"));
    open_range("1000-2000");
    check("", "");
    assert_non_null(strstr(text_str(&rules.first_told), "(now 0.0.0.0:1000-2000)"));
}

static void test_where_lb_speaks_tls_only_names_are_given(void **state)
{
    (void)state;
    open_range("10000-10999");
    open_listeners((const char *const[]){"tcp 443/a.test=a", "tcp 443", "tcp 10443", NULL});
    operators[1].ends_tls = operators[2].ends_tls = true;
    claim_at(0,
             CLAIM_OF("tcp", PORT("443"), "x", "app", "5", ",\"server_name\":\"b.test\"") "," CLAIM(
                 PORT("443"), "y", "db", "5") "," CLAIM(PORT("10443"), "z", "db", "5"));
    check("tcp 0.0.0.0:443/a.test=a\ntcp 0.0.0.0:443/b.test=app\n", "");
    check_refused(2, "y",
                  "lb.tcp: tcp port 443 is where lb itself speaks TLS (--listen-tls): only a name "
                  "of it can be asked for, with lb.tcp.sni");
    check_refused(2, "z",
                  "lb.tcp: tcp port 10443 is where lb itself speaks TLS (--listen-tls): only a "
                  "name of it can be asked for, with lb.tcp.sni");
}

static void test_one_without_a_name_joins_the_operators_service(void **state)
{
    (void)state;
    open_listeners(
        (const char *const[]){"tcp 10.0.0.1:5432=db", "tcp 10.0.0.2:5432=db", "udp 53=dns", NULL});
    claim_at(
        0, CLAIM(PORT("5432"), "a", "app", "5") "," CLAIM(NAMED("db"), "b", "app", "6") "," CLAIM(
               PORT("5432"), "c", "db", "7") "," CLAIM_OF("udp", PORT("53"), "a", "app", "5", ""));
    check("tcp 10.0.0.1:5432=db\ntcp 10.0.0.2:5432=db\nudp 0.0.0.0:53=dns\n",
          "tcp a of app in db\nudp a of app in dns\ntcp b of app in db\n");
    check_refused(0, "a", "");
}

static void test_one_with_a_name_is_a_rule_of_its_own(void **state)
{
    (void)state;
    open_listeners((const char *const[]){"tcp 443=web", "tcp 443/a.test=a", NULL});
    claim_at(
        0,
        CLAIM_OF("tcp", PORT("443"), "x", "app", "5", ",\"server_name\":\"B.Test\"") "," CLAIM_OF(
            "tcp", NAMED("web"), "y", "more", "5",
            ",\"server_name\":\"c.test\",\"alpn\":\"h2\"") "," CLAIM_OF("tcp", PORT("443"), "z",
                                                                        "h2", "5",
                                                                        ",\"alpn\":\"h2\""));
    check("tcp 0.0.0.0:443/a.test=a\ntcp 0.0.0.0:443/b.test=app\ntcp 0.0.0.0:443/c.test#h2=more\n"
          "tcp 0.0.0.0:443#h2=h2\ntcp 0.0.0.0:443=web\n",
          "");
    check_refused(0, "x", "");
}

static void test_of_two_alike_the_older_ones_counts(void **state)
{
    (void)state;
    open_range("1-65535");
    claim_at(0, CLAIM(PORT("5432"), "a", "db", "7") "," CLAIM(
                    PORT("5432"), "b", "other", "6") "," CLAIM(PORT("5432"), "c", "other", "9"));
    check("tcp 0.0.0.0:5432=other\n", "");
    check_refused(1, "a",
                  "lb.tcp: tcp port 5432 is name-b's, which is older, for the service \"other\"");
    claim_at(0, CLAIM(PORT("5432"), "b", "db", "7") "," CLAIM(PORT("5432"), "a", "other", "7"));
    check("tcp 0.0.0.0:5432=other\n", ""); /* of the same age: by their ids */
    check_refused(1, "b",
                  "lb.tcp: tcp port 5432 is name-a's, which is older, for the service \"other\"");
}

static void test_the_operators_word_counts_first(void **state)
{
    (void)state;
    open_listeners((const char *const[]){"tcp 443/a.test=a", "tcp 443/b.test=b", NULL});
    claim_at(
        0,
        CLAIM_OF("tcp", PORT("443"), "x", "app", "1", ",\"server_name\":\"A.test\"") "," CLAIM_OF(
            "tcp", PORT("443"), "y", "a", "1",
            ",\"server_name\":\"a.test\"") "," CLAIM(PORT("443"), "z", "rest", "1"));
    check("tcp 0.0.0.0:443/a.test=a\ntcp 0.0.0.0:443/b.test=b\ntcp 0.0.0.0:443=rest\n", "");
    check_refused(1, "x",
                  "lb.tcp: tcp port 443 with the name a.test is the operator's for the service "
                  "\"a\"");
    claim_at(0, "{\"protocol\":\"tcp\",\"port\":443,\"service\":\"0\",\"server_name\":\"a.test\"}");
    check("tcp 0.0.0.0:443/a.test=a\ntcp 0.0.0.0:443/b.test=b\ntcp 0.0.0.0:443=rest\n",
          ""); /* as old as that, from a file */
    assert_int_equal(rules.refused_count, 1);
}

/* What is the operator's is not taken from him by its ALPN. */
static void test_a_part_of_the_operators_name_is_his(void **state)
{
    (void)state;
    open_listeners((const char *const[]){"tcp 443/a.test=a", "tcp 443/b.test#h2=b", NULL});
    claim_at(
        0,
        CLAIM_OF(
            "tcp", PORT("443"), "x", "app", "1",
            ",\"server_name\":\"A.test\",\"alpn\":\"h2\"") "," CLAIM_OF("tcp", PORT("443"), "y",
                                                                        "app", "1",
                                                                        ",\"server_name\":\"b."
                                                                        "test\"") "," CLAIM_OF("tc"
                                                                                               "p",
                                                                                               PORT(
                                                                                                   "443"),
                                                                                               "y",
                                                                                               "a",
                                                                                               "1",
                                                                                               ",\""
                                                                                               "ser"
                                                                                               "ver"
                                                                                               "_na"
                                                                                               "me"
                                                                                               "\":"
                                                                                               "\"a"
                                                                                               ".te"
                                                                                               "st"
                                                                                               "\","
                                                                                               "\"a"
                                                                                               "lpn"
                                                                                               "\":"
                                                                                               "\"h"
                                                                                               "ttp"
                                                                                               "/1."
                                                                                               "1"
                                                                                               "\""));
    check("tcp 0.0.0.0:443/a.test#http/1.1=a\ntcp 0.0.0.0:443/a.test=a\n"
          "tcp 0.0.0.0:443/b.test#h2=b\ntcp 0.0.0.0:443/b.test=app\n",
          "");
    check_refused(1, "x",
                  "lb.tcp: tcp port 443 with the name A.test and h2 is the operator's for the "
                  "service \"a\"");
}

static void test_a_container_is_told_all_that_it_asks_in_vain(void **state)
{
    (void)state;
    claim_at(0, CLAIM(PORT("1"), "a", "db", "7") "," CLAIM(PORT("2"), "a", "db", "7"));
    check("", "");
    assert_int_equal(rules.refused_count, 2);
    const char *why = json_string_value(json_object_get(rules.refused, "a"));
    assert_non_null(strstr(why, "lb.tcp: tcp port 1 is"));
    assert_non_null(strstr(why, "; lb.tcp: tcp port 2 is"));
}

static void test_who_is_gone_keeps_what_he_had(void **state)
{
    (void)state;
    open_range("1-65535");
    open_listeners((const char *const[]){"tcp 6379=cache", NULL});
    claim_at(1000, CLAIM(PORT("5432"), "a", "db", "5") "," CLAIM(PORT("6379"), "a", "db", "5"));
    check("tcp 0.0.0.0:5432=db\ntcp 0.0.0.0:6379=cache\n", "tcp a of db in cache\n");
    claim_at(2000, CLAIM(PORT("5432"), "b", "other", "6"));
    check("tcp 0.0.0.0:5432=db\ntcp 0.0.0.0:6379=cache\n", "");
    check_refused(1, "b",
                  "lb.tcp: tcp port 5432 is name-a's, which is gone and may come back within 30 s, "
                  "for the service \"db\"");
    assert_true(listener_keeper_expire(&keeper, 2000 + LISTENER_KEEPER_MS));
    check("tcp 0.0.0.0:5432=other\ntcp 0.0.0.0:6379=cache\n", "");
    check_refused(0, "b", "");
}

static void test_a_table_that_says_the_same_stays(void **state)
{
    (void)state;
    open_range("1-65535");
    claim_at(0, CLAIM(PORT("5432"), "a", "db", "5"));
    check("tcp 0.0.0.0:5432=db\n", "");
    struct listener_table *before = rules.table;
    check("tcp 0.0.0.0:5432=db\n", "");
    assert_ptr_equal(rules.table, before);
    claim_at(0, CLAIM(PORT("5432"), "a", "db", "6"));
    check("tcp 0.0.0.0:5432=db\n", "");
    assert_ptr_not_equal(rules.table, before);
}

static void test_which_services_are_led_to(void **state)
{
    unsigned count = 0;
    (void)state;
    open_listeners((const char *const[]){"tcp 1=db", "tcp 2=cache", NULL});
    claim_at(0, CLAIM(PORT("1"), "a", "app", "5") "," CLAIM(PORT("2"), "a", "app", "5") "," CLAIM(
                    PORT("2"), "b", "app", "5") "," CLAIM(PORT("2"), "a", "app2", "5"));
    check("tcp 0.0.0.0:1=db\ntcp 0.0.0.0:2=cache\n",
          "tcp a of app in cache\ntcp a of app in db\ntcp b of app in cache\n"
          "tcp a of app2 in cache\n");
    assert_true(listener_rules_serve(&rules, "db", SERVICE_TCP));
    assert_false(listener_rules_serve(&rules, "db", SERVICE_UDP));
    assert_false(listener_rules_serve(&rules, "app", SERVICE_TCP));
    assert_string_equal(listener_rules_joins(&rules, "app", "a", &count)[1].target, "db");
    assert_int_equal(count, 2);
    assert_non_null(listener_rules_joins(&rules, "app", NULL, &count));
    assert_int_equal(count, 3);
    assert_null(listener_rules_joins(&rules, "app", "c", &count));
    assert_int_equal(count, 0);
    assert_null(listener_rules_joins(&rules, "db", "a", &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_operators_rules_are_as_they_are_written, tear_down),
        cmocka_unit_test_teardown(test_what_is_open_is_given, tear_down),
        cmocka_unit_test_teardown(test_inside_the_range_containers_have_listeners, tear_down),
        cmocka_unit_test_teardown(test_what_is_not_open_is_refused_with_both_ways, tear_down),
        cmocka_unit_test_teardown(test_one_without_a_name_joins_the_operators_service, tear_down),
        cmocka_unit_test_teardown(test_one_with_a_name_is_a_rule_of_its_own, tear_down),
        cmocka_unit_test_teardown(test_of_two_alike_the_older_ones_counts, tear_down),
        cmocka_unit_test_teardown(test_the_operators_word_counts_first, tear_down),
        cmocka_unit_test_teardown(test_a_part_of_the_operators_name_is_his, tear_down),
        cmocka_unit_test_teardown(test_a_container_is_told_all_that_it_asks_in_vain, tear_down),
        cmocka_unit_test_teardown(test_who_is_gone_keeps_what_he_had, tear_down),
        cmocka_unit_test_teardown(test_a_table_that_says_the_same_stays, tear_down),
        cmocka_unit_test_teardown(test_where_lb_speaks_tls_only_names_are_given, tear_down),
        cmocka_unit_test_teardown(test_which_services_are_led_to, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
