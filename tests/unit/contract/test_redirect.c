/* Where routes send their requests, as it is written. */
#include "lb/contract/redirect.h"

#include "tests/unit/contract/option_case.h"

static void test_what_is_taken_apart(void **state)
{
    static const struct {
        const char *text;
        unsigned status;
        const char *scheme, *port, *authority, *path, *regex, *replacement;
    } rows[] = {
        {"https", 302, "https", "", "", "", "", ""},
        {"301  HTTPS:8443 ", 301, "https", "8443", "", "", "", ""},
        {"http:80", 302, "http", "80", "", "", "", ""},
        {"308 https://a.test", 308, "https", "", "a.test", "", "", ""},
        {"307 http://[fd00::1]:8080/x?y=z", 307, "http", "", "[fd00::1]:8080", "/x?y=z", "", ""},
        {"https://a.test/", 302, "https", "", "a.test", "/", "", ""},
        {"/moved", 302, "", "", "", "/moved", "", ""},
        {"301 ~^http://(.*) https://$1", 301, "", "", "", "", "^http://(.*)", "https://$1"},
        {"~a b  c$$", 302, "", "", "", "", "a b", "c$$"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        struct redirect to;
        if (!redirect_parse(view_str(rows[i].text), &to, &problem))
            fail_msg("%s: %s", rows[i].text, text_str(&problem));
        const struct view is[] = {to.scheme, to.port,  to.authority,
                                  to.path,   to.regex, to.replacement};
        const char *const want[] = {rows[i].scheme, rows[i].port,  rows[i].authority,
                                    rows[i].path,   rows[i].regex, rows[i].replacement};
        assert_int_equal(to.status, rows[i].status);
        for (size_t j = 0; j < COUNT(is); j++)
            if (!view_eq(is[j], view_str(want[j])))
                fail_msg("%s: part %zu", rows[i].text, j);
    }
}

static void test_what_is_refused(void **state)
{
#define BAD(value, fault)                                                                          \
    {                                                                                              \
        ROUTE_OPTION_REDIRECT, value, fault                                                        \
    }
    static const struct option_row rows[] = {
        BAD("301", "has no target"),
        BAD("300 https", "has a status that is none of 301, 302, 307 and 308"),
        BAD("3011 https", "has a status that is none of 301, 302, 307 and 308"),
        BAD("ftp://a.test", "has a target that is no URL"),
        BAD("javascript:alert(1)", "has a target that is no URL"),
        BAD("a.test", "has a target that is no URL"),
        BAD("https:", "has no port behind the colon; write for example https:8443"),
        BAD("https:0", "has no port behind the colon; write for example https:8443"),
        BAD("https:65536", "has no port behind the colon; write for example https:8443"),
        BAD("https:/a", "has no port behind the colon; write for example https:8443"),
        BAD("https://", "names no host; write for example https://a.test/path"),
        BAD("https:///x", "names no host; write for example https://a.test/path"),
        BAD("https://me:secret@a.test", "names no host; write for example https://a.test/path"),
        BAD("https://a.test:0/", "names no host; write for example https://a.test/path"),
        BAD("https://a.test?q",
            "has a query without a path; write for example https://a.test/?a=b"),
        BAD("//evil.test", "has // at the front of its path, which would name another host"),
        BAD("https://a.test//x", "has // at the front of its path, which would name another host"),
        BAD("/a b", "has a character in its path that no URL has bare; write it as %XX"),
        BAD("/a<b", "has a character in its path that no URL has bare; write it as %XX"),
        BAD("~^http://", "has a regex without a replacement behind it"),
        BAD("~ https://a", "has a regex without a replacement behind it"),
        BAD("~( https://a", "is no regex: missing closing parenthesis at byte 1"),
        BAD("~^(a) $2", "has $2, and its regex has 1 parenthesis"),
        BAD("~a $x", "has a $ that names no parenthesis; write $$ for a dollar"),
        BAD("~a ${1", "has a $ that names no parenthesis; write $$ for a dollar"),
    };
    (void)state;
    assert_options(rows, COUNT(rows));
}

static void test_only_what_asks_may_become_another_method(void **state)
{
    static const unsigned rows[][3] = {
        {301, 301, 308}, {302, 302, 307}, {307, 307, 307}, {308, 308, 308}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(redirect_status_for(rows[i][0], VIEW("GET")), rows[i][1]);
        assert_int_equal(redirect_status_for(rows[i][0], VIEW("HEAD")), rows[i][1]);
        assert_int_equal(redirect_status_for(rows[i][0], VIEW("POST")), rows[i][2]);
        assert_int_equal(redirect_status_for(rows[i][0], VIEW("get")), rows[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken_apart),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_only_what_asks_may_become_another_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
