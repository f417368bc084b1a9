/* A question about a URL: what of it is asked by, and what is refused with which remedy. */
#include "lb/admin/url_question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void append(struct text *out, struct view part)
{
    text_append(out, part);
    text_append_char(out, ' ');
}

static void test_what_is_asked_by(void **state)
{
    static const struct {
        const char *query, *want; /* method, host, path, compared as, query */
    } rows[] = {
        {"url=http://a.test/x", "GET a.test /x /x  "},
        {"url=https%3A%2F%2FA.Test.%3A8443%2F%2561pi%3Fq%3D1%3F2%23f",
         "GET a.test /%61pi /api q=1?2 "},
        {"url=HTTP://a.test", "GET a.test / /  "},
        {"url=a.test", "GET a.test / /  "},
        {"url=a.test/b://c", "GET a.test /b://c /b://c  "},
        {"url=a.test?x", "GET a.test / / x "},
        {"url=http://u:p@a.test:80/", "GET a.test / /  "},
        {"url=http://[fd00:0::1]:80/", "GET [fd00::1] / /  "},
        {"url=http://a.test/x/../y", "GET a.test /x/../y /y  "},
        {"url=http://a.test/x+y%20z", NULL},
        {"url=http://a.test/x%2520", "GET a.test /x%20 /x%20  "},
        {"url=http://a/&method=POST&", "POST a / /  "},
        {"url=http://a/&header=host:%20B.test", "GET b.test / /  "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct url_question asked;
        struct text got = TEXT_INIT, problem = TEXT_INIT;
        bool is_good = url_question_read(&asked, view_str(rows[i].query), &problem);
        if (is_good) {
            append(&got, asked.question.method);
            append(&got, asked.question.host);
            append(&got, asked.path);
            append(&got, asked.question.path);
            append(&got, asked.question.query);
        }
        if (is_good != (rows[i].want != NULL) ||
            (is_good && strcmp(text_str(&got), rows[i].want) != 0))
            fail_msg("%s: %s%s", rows[i].query, text_str(&got), text_str(&problem));
        url_question_fini(&asked);
        text_fini(&got);
        text_fini(&problem);
    }
}

static void test_fields_are_found_one_after_the_other(void **state)
{
    struct url_question asked;
    struct text problem = TEXT_INIT;
    unsigned seen = 0;
    (void)state;
    assert_true(url_question_read(
        &asked, VIEW("url=http://a:8/&header=k:1&header=J:2&header=K%3A%203"), &problem));
    const struct question *question = &asked.question;
    assert_true(view_eq(question->next_field(question->message, VIEW("K"), &seen), VIEW("1")));
    assert_true(view_eq(question->next_field(question->message, VIEW("K"), &seen), VIEW("3")));
    assert_null(question->next_field(question->message, VIEW("K"), &seen).ptr);
    seen = 0;
    assert_true(view_eq(question->next_field(question->message, VIEW("Host"), &seen), VIEW("a:8")));
    assert_null(question->next_field(question->message, VIEW("Host"), &seen).ptr);
    assert_null(question->client);
    url_question_fini(&asked);
}

static void test_the_client(void **state)
{
    struct url_question asked;
    struct text problem = TEXT_INIT;
    char text[ADDRESS_TEXT_BYTES];
    (void)state;
    assert_true(url_question_read(&asked, VIEW("url=a&client=10.1.2.3"), &problem));
    assert_string_equal(address_format_ip(asked.question.client, text), "10.1.2.3");
    url_question_fini(&asked);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *query, *says;
    } rows[] = {
        {"", "url \"\": is missing; give /explain?url=http://HOST/PATH"},
        {"method=GET", "url \"\": is missing; give /explain?url=http://HOST/PATH"},
        {"url=", "url \"\": is empty, or not percent-encoded as it should be"},
        {"url=%zz", "url \"%zz\": is empty, or not percent-encoded as it should be"},
        {"url=a%00b", "url \"a%00b\": is empty, or not percent-encoded as it should be"},
        {"url=http:///x", "url \"http:///x\": has no host; write http://HOST/PATH"},
        {"url=/x", "url \"/x\": has no host; write http://HOST/PATH"},
        {"url=ftp://a/",
         "url \"ftp://a/\": is of another scheme; lb serves http://, https://, tcp:// and udp://"},
        {"url=http://a%20b/", "url \"http://a b/\": has no valid host; write http://HOST/PATH, an "
                              "IPv6 address in brackets"},
        {"url=http://fd00::1/", "url \"http://fd00::1/\": has no valid host; write "
                                "http://HOST/PATH, an IPv6 address in brackets"},
        {"url=http://%c3%bc/", "url \"http://\xc3\xbc/\": has a host that is not ASCII; browsers "
                               "send such names as A-labels, write xn--..."},
        {"url=a/%1b[", "url \"a/\\x1b[\": has a blank or a control character inside; write a blank "
                       "as %20"},
        {"url=a&method=A%20B", "method \"A B\": is no method; write for example POST"},
        {"url=a&method=", "method \"\": is no method; write for example POST"},
        {"url=a&header=x", "header \"x\": is no header; write 'NAME: VALUE'"},
        {"url=a&header=x%20y:1", "header \"x y:1\": is no header; write 'NAME: VALUE'"},
        {"url=a&header=x:%0a", "header \"x:\\x0a\": has a control character inside"},
        {"url=a&header=host:%20/", "host \"/\": is no host; write HOST or HOST:PORT"},
        {"url=a&client=b", "client \"b\": is no IP address"},
        {"url=a&heder=b", "parameter \"heder\": there is url, method, header and client"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct url_question asked;
        struct text problem = TEXT_INIT;
        bool is_good = url_question_read(&asked, view_str(rows[i].query), &problem);
        if (is_good || strcmp(text_str(&problem), rows[i].says) != 0)
            fail_msg("%s: %s", rows[i].query, text_str(&problem));
        url_question_fini(&asked);
        text_fini(&problem);
    }
}

static void test_headers_are_bounded(void **state)
{
    struct url_question asked;
    struct text query = TEXT_INIT, problem = TEXT_INIT;
    (void)state;
    text_append_str(&query, "url=a");
    for (unsigned i = 0; i < URL_QUESTION_HEADER_MAX; i++)
        text_append_str(&query, "&header=a:b");
    assert_true(url_question_read(&asked, text_view(&query), &problem));
    url_question_fini(&asked);
    text_append_str(&query, "&header=a:b");
    assert_false(url_question_read(&asked, text_view(&query), &problem));
    url_question_fini(&asked);
    text_fini(&query);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_by),
        cmocka_unit_test(test_fields_are_found_one_after_the_other),
        cmocka_unit_test(test_the_client),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_headers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
