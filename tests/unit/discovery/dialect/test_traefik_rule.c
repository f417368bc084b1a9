/* Each test is a row of the table of Traefik's rules, and is called as the row is. */
#include <stdlib.h>
#include <strings.h>

#include "tests/unit/discovery/dialect/rule_oracle.h"

static struct traefik_rule parse(const char *text)
{
    struct traefik_rule rule;
    struct traefik_rule_error error;
    if (!traefik_rule_parse(view_str(text), &rule, &error))
        fail_msg("%s: at %zu: %s", text, error.at, error.sentence);
    return rule;
}

static struct oracle_request with_defaults(struct oracle_request request)
{
    request.host = request.host ? request.host : "h";
    request.path = request.path ? request.path : "/";
    request.method = request.method ? request.method : "GET";
    request.peer = request.peer ? request.peer : "192.0.2.1";
    return request;
}

static bool matches(const char *text, struct oracle_request request)
{
    struct traefik_rule rule = parse(text);
    request = with_defaults(request);
    bool is_matched = oracle_matches(&rule, &request);
    traefik_rule_fini(&rule);
    return is_matched;
}

#define MATCHES(rule, ...) assert_true(matches(rule, (struct oracle_request){__VA_ARGS__}))
#define PASSES(rule, ...)  assert_false(matches(rule, (struct oracle_request){__VA_ARGS__}))

static void assert_refused(const char *text, size_t at, const char *word)
{
    struct traefik_rule rule;
    struct traefik_rule_error error = {0};
    if (traefik_rule_parse(view_str(text), &rule, &error))
        fail_msg("%s was taken", text);
    assert_int_equal(rule.count, 0);
    if (error.at != at || !strstr(error.sentence, word))
        fail_msg("%s: at %zu: %s; expected at %zu: %s", text, error.at, error.sentence, at, word);
}

static void assert_form(const char *text, const char *expected)
{
    struct traefik_rule rule = parse(text);
    struct text form = TEXT_INIT;
    traefik_rule_format(&rule, &form);
    assert_string_equal(text_str(&form), expected);
    text_fini(&form);
    traefik_rule_fini(&rule);
}

static void T1_host_without_case_and_trailing_dot(void **state)
{
    (void)state;
    MATCHES("Host(`example.com`)", .host = "example.com");
    MATCHES("Host(`Example.COM`)", .host = "example.com");
    MATCHES("Host(`example.com.`)", .host = "example.com");
    PASSES("Host(`example.com`)", .host = "www.example.com");
    assert_refused("Host(``)", 0, "no host");
    assert_refused("Host(`http://a`)", 0, "a name");
}

static void T2_star_is_exactly_one_label(void **state)
{
    (void)state;
    MATCHES("Host(`*.example.com`)", .host = "foo.example.com");
    PASSES("Host(`*.example.com`)", .host = "a.b.example.com");
    PASSES("Host(`*.example.com`)", .host = "example.com");
    assert_refused("Host(`a.*.com`)", 0, "*.");
    assert_refused("Host(`*.`)", 0, "a name");
}

static void T3_lone_star_is_every_host(void **state)
{
    (void)state;
    MATCHES("Host(`*`)", .host = "anything");
    MATCHES("Host(`*`)", .host = "");
}

static void T4_several_hosts_are_an_error(void **state)
{
    (void)state;
    assert_refused("Host(`a`, `b`)", 0, "Host(`a`) || Host(`b`)");
    assert_refused("Host()", 0, "Host takes a value");
}

static void T5_host_is_ascii(void **state)
{
    (void)state;
    assert_refused("Host(`dömain`)", 0, "xn--");
    assert_refused("HostRegexp(`dömain`)", 0, "xn--");
}

static void T6_host_regexp_is_searched_for(void **state)
{
    (void)state;
    MATCHES("HostRegexp(`^.+\\.example\\.com$`)", .host = "a.b.example.com");
    PASSES("HostRegexp(`^.+\\.example\\.com$`)", .host = "example.com");
    MATCHES("HostRegexp(`example`)", .host = "www.example.org");
    MATCHES("HostRegexp(`^a{2}$`)", .host = "aa");
    assert_refused("HostRegexp(`{sub:[a-z]+}.example.com`)", 0, "Traefik 2");
    assert_refused("HostRegexp(`{sub}.example.com`)", 0, "Traefik 2");
    assert_refused("PathPrefix(`/{id:[0-9]+}`)", 0, "Traefik 2");
}

static void T7_path_is_the_whole_path(void **state)
{
    (void)state;
    MATCHES("Path(`/products`)", .path = "/products");
    PASSES("Path(`/products`)", .path = "/products/");
    PASSES("Path(`/products`)", .path = "/products/x");
    assert_refused("Path(`products`)", 0, "begins with /");
    assert_refused("PathPrefix(``)", 0, "begins with /");
}

static void T8_path_prefix_is_one_of_bytes(void **state)
{
    static const char *const paths[] = {"/products", "/products/", "/products/x",
                                        "/products-for-sale"};
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++)
        MATCHES("PathPrefix(`/products`)", .path = paths[i]);
    PASSES("PathPrefix(`/products`)", .path = "/product");
}

static void T9_path_regexp_is_searched_for(void **state)
{
    (void)state;
    MATCHES("PathRegexp(`\\.(jpe?g|png)$`)", .path = "/x/y.jpg");
    PASSES("PathRegexp(`\\.(jpe?g|png)$`)", .path = "/x/y.gif");
    MATCHES("PathRegexp(\"\\\\.png$\")", .path = "/y.png");
}

static void T10_reserved_escapes_stay(void **state)
{
    (void)state;
    MATCHES("PathPrefix(`/foo bar`)", .path = "/foo%20bar");
    MATCHES("PathPrefix(`/foo%20bar`)", .path = "/foo%20bar");
    MATCHES("Path(`/%7euser/é`)", .path = "/~user/%C3%A9");
    PASSES("Path(`/a/b`)", .path = "/a%2Fb");
    MATCHES("Path(`/a%2fb`)", .path = "/a%2Fb");
}

static void T11_method_is_written_in_any_case(void **state)
{
    (void)state;
    MATCHES("Method(`post`)", .method = "POST");
    PASSES("Method(`post`)", .method = "GET");
    assert_refused("Method(`a b`)", 0, "no method");
}

static void T12_header_has_exactly_the_value(void **state)
{
    (void)state;
    MATCHES("Header(`X-K`, `v`)", .field = "x-k", .field_value = "v");
    PASSES("Header(`X-K`, `v`)", .field = "X-K", .field_value = "V");
    PASSES("Header(`X-K`, `v`)", .field = "X-L", .field_value = "v");
    assert_refused("Header(`X-K`)", 0, "Header takes a name and a value");
    assert_refused("Header(`X K`, `v`)", 0, "no name");
}

static void T13_header_regexp_is_searched_for(void **state)
{
    (void)state;
    MATCHES("HeaderRegexp(`X-K`, `^v`)", .field = "X-K", .field_value = "vw");
    PASSES("HeaderRegexp(`X-K`, `^v`)", .field = "X-K", .field_value = "wv");
}

static void T14_query_with_value_or_with_an_empty_one(void **state)
{
    (void)state;
    MATCHES("Query(`m`, `true`)", .parameter = "m", .parameter_value = "true");
    PASSES("Query(`m`, `true`)", .parameter = "m", .parameter_value = "false");
    MATCHES("Query(`m`)", .parameter = "m", .parameter_value = "");
    PASSES("Query(`m`)", .parameter = "m", .parameter_value = "x");
    PASSES("Query(`m`)", .host = "h");
    assert_refused("Query(`a`, `b`, `c`)", 0, "Query takes a name, or a name and a value");
}

static void T15_query_regexp_takes_the_empty_value(void **state)
{
    (void)state;
    MATCHES("QueryRegexp(`m`, `.*`)", .parameter = "m", .parameter_value = "");
    PASSES("QueryRegexp(`m`, `.*`)", .parameter = "n", .parameter_value = "");
    assert_form("QueryRegexp(`m`)", "Query m ");
}

static void T16_client_ip_is_an_address_or_a_range(void **state)
{
    (void)state;
    MATCHES("ClientIP(`10.0.0.0/8`)", .peer = "10.1.2.3");
    PASSES("ClientIP(`10.0.0.0/8`)", .peer = "11.1.2.3");
    MATCHES("ClientIP(`::1`)", .peer = "::1");
    MATCHES("ClientIP(`10.9.9.9/8`)", .peer = "10.1.2.3");
    MATCHES("ClientIP(`fd00::1/8`)", .peer = "fd12::9");
    assert_refused("ClientIP(`10.0.0.0/33`)", 0, "a range");
    assert_refused("ClientIP(`localhost`)", 0, "a range");
}

static void T17_and_binds_tighter_than_or(void **state)
{
    (void)state;
    assert_form("Host(`a`) || Host(`b`) && Path(`/c`)", "Host a | Host b, Path /c");
    assert_form("(Host(`a`) || Host(`b`)) && Path(`/c`)", "Host a, Path /c | Host b, Path /c");
    assert_form("!Host(`a`)", "not Host a");
    assert_form("!(Host(`a`) || Path(`/b`))", "not Host a, not Path /b");
    assert_form("!(Host(`a`) && Path(`/b`))", "not Host a | not Path /b");
    assert_form("!(!(Host(`a`)))", "Host a");
    assert_form("!!Host(`a`)", "Host a");
    assert_form("\n Host(`a`)\n\t&&\r\n(Path(`/b`))\n", "Host a, Path /b");
    assert_form("Host(`a`) && (PathPrefix(`/api`) || PathPrefix(`/ws`))",
                "Host a, PathPrefix /api | Host a, PathPrefix /ws");
    assert_form("!(Host(`a`) && (Method(`GET`) || !Path(`/`)))",
                "not Host a | not Method GET, Path /");
}

static void T17_what_is_no_expression(void **state)
{
    (void)state;
    assert_refused("", 0, "a matcher is expected");
    assert_refused("Host(`a`) Host(`b`)", 10, "&& or || is expected");
    assert_refused("Host(`a`) && ", 13, "a matcher is expected");
    assert_refused("(Host(`a`)", 10, ") is expected");
    assert_refused("Host(`a`))", 9, "&& or || is expected");
    assert_refused("Host(`a`", 8, "a comma or )");
    assert_refused("Host(`a` `b`)", 9, "a comma or )");
    assert_refused("Host(,`a`)", 5, "a value stands in");
    assert_refused("Host(`a`) & Path(`/`)", 10, "written twice");
    assert_refused("Host(`a`) ; Path(`/`)", 10, "belongs to no rule");
    assert_refused("Host:a.example.com", 4, "belongs to no rule");
    assert_refused("Host", 4, "( is expected");
}

static void T18_names_of_matchers_in_four_ways(void **state)
{
    (void)state;
    assert_form("PathPrefix(`/a`) && pathprefix(`/a`) && PATHPREFIX(`/a`) && Pathprefix(`/a`)",
                "PathPrefix /a, PathPrefix /a, PathPrefix /a, PathPrefix /a");
    assert_form("clientip(`::1`) && CLIENTIP(`::1`) && Clientip(`::1`)",
                "ClientIP ::1/128, ClientIP ::1/128, ClientIP ::1/128");
    assert_refused("pathPrefix(`/a`)", 0, "did you mean PathPrefix?");
    assert_refused("Host(`a`) && PathPrefixStrip(`/a`)", 13, "no matcher PathPrefixStrip");
    assert_refused("Headers(`a`, `b`)", 0, "did you mean Header?");
    assert_refused("Nonsense(`a`)", 0, "there is no matcher Nonsense");
}

static void T19_values_in_backticks_or_double_quotes(void **state)
{
    (void)state;
    assert_form("Host(\"a\") && Header(\"X\", `\\d`)", "Host a, Header X \\d");
    assert_form("Header(`X`, \"\\a\\x41\\101\\u00e9\\U0001F600\\\\\\\"\")",
                "Header X \aAA\xC3\xA9\xF0\x9F\x98\x80\\\"");
    assert_refused("Host('a')", 5, "single quotes");
    assert_refused("Host(example.com)", 5, "backticks or double quotes");
    assert_refused("Host(`a)", 5, "has no end");
    assert_refused("Host(\"a\\\")", 5, "has no end");
    assert_refused("Host(\"a\nb\")", 5, "ends on its line");
    assert_refused("Host(\"\\q\")", 5, "an escape that is none");
    assert_refused("Host(\"\\ud800\")", 5, "an escape that is none");
    assert_refused("Host(\"\\400\")", 5, "an escape that is none");
    assert_refused("Host(\"\\x4\")", 5, "an escape that is none");
    assert_refused("Host(\"a\\x00b\")", 0, "no NUL");
}

static void T20_priority_is_the_length_of_the_rule(void **state)
{
    static const char *const rules[] = {"Host(`a`)", "Host(`a`) && PathPrefix(`/api`)"};
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct traefik_rule rule = parse(rules[i]);
        assert_int_equal(rule.priority, strlen(rules[i]));
        traefik_rule_fini(&rule);
    }
}

static void T21_long_regexp_comes_before_short_host(void **state)
{
    (void)state;
    struct traefik_rule regexp = parse("HostRegexp(`[a-z]+\\.traefik\\.com`)");
    struct traefik_rule host = parse("Host(`foobar.traefik.com`)");
    assert_int_equal(regexp.priority, 34);
    assert_int_equal(host.priority, 26);
    traefik_rule_fini(&regexp);
    traefik_rule_fini(&host);
}

/* ---- bounds --------------------------------------------------------------------------------- */

static char *repeat(const char *first, const char *piece, size_t count, const char *last)
{
    struct text text = TEXT_INIT;
    text_append_str(&text, first);
    for (size_t i = 0; i < count; i++)
        text_append_str(&text, piece);
    text_append_str(&text, last);
    return text.bytes;
}

static void assert_bounded(const char *first, const char *piece, const char *last, size_t fits,
                           const char *word)
{
    struct traefik_rule rule;
    struct traefik_rule_error error;
    char *text = repeat(first, piece, fits, last);
    assert_true(traefik_rule_parse(view_str(text), &rule, &error));
    traefik_rule_fini(&rule);
    free(text);
    text = repeat(first, piece, fits + 1, last);
    assert_false(traefik_rule_parse(view_str(text), &rule, &error));
    assert_non_null(strstr(error.sentence, word));
    free(text);
}

static void test_rules_are_bounded(void **state)
{
    (void)state;
    assert_bounded("Path(`/`)", " ", "", 8192 - 9, "too long");
    assert_bounded("", "!", "Path(`/`)", 31, "nested");
    assert_bounded("Host(`a`)", "||Host(`a`)", "", 63, "more than 64");
    assert_bounded("Host(`a`)", "&&Host(`a`)", "", 31, "more than 32");
    assert_bounded("Path(`/", "x", "`)", 1023, "1024 bytes");
    assert_bounded("!(Path(`/`)", "&&Path(`/`)", ")", 63, "more than 64");
    assert_bounded("Path(`/`)", "&&(Host(`a`)||Host(`b`))", "", 6, "more than 64");
    assert_refused("Host(`a`,`a`,`a`,`a`,`a`,`a`,`a`,`a`,`a`)", 37, "so many values");
    char *text = repeat("", "(", 200000 / 1000, "");
    assert_refused(text, 32, "nested");
    free(text);
    text = repeat("Path(`/`)", "||Path(`/`)", 128, "");
    assert_refused(text, 9 + 127 * 11 + 2, "128 matchers");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T1_host_without_case_and_trailing_dot),
        cmocka_unit_test(T2_star_is_exactly_one_label),
        cmocka_unit_test(T3_lone_star_is_every_host),
        cmocka_unit_test(T4_several_hosts_are_an_error),
        cmocka_unit_test(T5_host_is_ascii),
        cmocka_unit_test(T6_host_regexp_is_searched_for),
        cmocka_unit_test(T7_path_is_the_whole_path),
        cmocka_unit_test(T8_path_prefix_is_one_of_bytes),
        cmocka_unit_test(T9_path_regexp_is_searched_for),
        cmocka_unit_test(T10_reserved_escapes_stay),
        cmocka_unit_test(T11_method_is_written_in_any_case),
        cmocka_unit_test(T12_header_has_exactly_the_value),
        cmocka_unit_test(T13_header_regexp_is_searched_for),
        cmocka_unit_test(T14_query_with_value_or_with_an_empty_one),
        cmocka_unit_test(T15_query_regexp_takes_the_empty_value),
        cmocka_unit_test(T16_client_ip_is_an_address_or_a_range),
        cmocka_unit_test(T17_and_binds_tighter_than_or),
        cmocka_unit_test(T17_what_is_no_expression),
        cmocka_unit_test(T18_names_of_matchers_in_four_ways),
        cmocka_unit_test(T19_values_in_backticks_or_double_quotes),
        cmocka_unit_test(T20_priority_is_the_length_of_the_rule),
        cmocka_unit_test(T21_long_regexp_comes_before_short_host),
        cmocka_unit_test(test_rules_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
