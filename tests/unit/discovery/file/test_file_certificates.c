/* Certificates that a file wishes for. */
#include "discovery/file/file_certificates.h"

#include <string.h>

#include "discovery/emit.h"
#include "discovery/file/file.h"

#include "tests/unit/discovery/cmocka_all.h"

#define OF(entries)  "{\"certificates\":[" entries "]}"
#define FOR(names)   "{\"names\":[" names "]}"
#define ROUTE(words) "{\"services\":[{\"name\":\"s\"}],\"routes\":[{\"service\":\"s\"," words "}]}"

/* "a.test,b.test x@a.test by certificates[0]; …" */
static void check_remarked(const char *text, const char *expected, const char *remark)
{
    struct text problem = TEXT_INIT, got = TEXT_INIT;
    struct set set = {0};
    struct file *file = file_parse(view_str(text), false, &problem);
    if (!file)
        fail_msg("%s: %s", text, text_str(&problem));
    file_collect(file, &set);
    text_append_str(&got, "");
    for (size_t i = 0; i < set.certificate_count; i++) {
        const struct certificate_wish *wish = &set.certificates[i];
        text_append_str(&got, i > 0 ? "; " : "");
        for (unsigned k = 0; k < wish->name_count; k++)
            text_appendf(&got, "%s%.*s", k > 0 ? "," : "", (int)wish->names[k].len,
                         wish->names[k].ptr);
        text_appendf(&got, " %.*s%sby %.*s", (int)wish->email.len, wish->email.ptr,
                     wish->email.len > 0 ? " " : "", (int)wish->label.len, wish->label.ptr);
        assert_true(view_eq(wish->dialect, VIEW("file")));
    }
    assert_string_equal(text_str(&got), expected);
    if (!strstr(file_remarks(file), remark) || (!remark[0] && file_remarks(file)[0]))
        fail_msg("%s: %s", text, file_remarks(file));
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
    text_fini(&got);
}

static void check(const char *text, const char *expected)
{
    check_remarked(text, expected, "");
}

static void refuse(const char *text, const char *expected)
{
    struct text problem = TEXT_INIT;
    struct file *file = file_parse(view_str(text), false, &problem);
    assert_null(file);
    if (!strstr(text_str(&problem), expected))
        fail_msg("%s: %s", text, text_str(&problem));
    text_fini(&problem);
}

static void test_lists(void **state)
{
    (void)state;
    check(OF(""), "");
    check(OF(FOR("\"b.test\",\"A.test.\",\"b.test\"")), "b.test,a.test by certificates[0]");
    check(OF("{\"names\":\"a.test\",\"email\":\"x@a.test\"}"),
          "a.test x@a.test by certificates[0]");
    check(OF(FOR("\"b.test\"") "," FOR("\"a.test\",\"b.test\"") "," FOR("\"b.test\"")),
          "a.test by certificates[1]; b.test by certificates[0]");
}

static void test_routes(void **state)
{
    (void)state;
    check(ROUTE("\"host\":[\"b.test\",\"a.test\"],\"path\":\"/x\",\"tls\":\"auto\""),
          "b.test,a.test by routes[0]");
    check(ROUTE("\"host\":\"a.test\",\"tls\":\"off\""), "");
    check(ROUTE("\"host\":\"a.test\",\"tls\":false"), "");
    check(ROUTE("\"host\":\"a.test\",\"https\":\"nohttp\",\"hsts\":\"max-age=1\","
                "\"scheme\":\"https\",\"client-certificate\":\"on\""),
          "");
}

/* A line that was saved is such a file. */
static void test_what_lines_have_is_passed_over(void **state)
{
    (void)state;
    check(OF("{\"names\":[\"a.test\"],\"dialect\":\"lb\",\"label\":\"lb.tls\",\"container\":\"c\","
             "\"container_name\":\"n\"}"),
          "a.test by certificates[0]");
}

static void test_unknown_words_are_told(void **state)
{
    (void)state;
    check_remarked(OF("{\"names\":[\"a.test\"],\"mail\":\"x\"}"), "a.test by certificates[0]",
                   "certificates[0].mail: this word is not known");
}

/* Its route stays, and so does the file. */
static void test_what_no_certificate_is_got_for_is_told(void **state)
{
    (void)state;
    check_remarked(ROUTE("\"host\":\"*.a.test\",\"tls\":\"auto\""), "",
                   "routes[0].tls: no certificate is got for *.a.test: the name ");
    check_remarked(ROUTE("\"host\":[\"*.a.test\",\"b.test\"],\"tls\":\"auto\""),
                   "b.test by routes[0]", "no certificate is got for *.a.test");
    check_remarked(ROUTE("\"host\":\"*\",\"tls\":\"auto\""), "",
                   "routes[0].tls: no certificate is got for *: the name has a *");
    check_remarked(ROUTE("\"path\":\"/x\",\"tls\":\"auto\""), "",
                   "routes[0].tls: the route names no host");
}

static void test_refusals(void **state)
{
    (void)state;
    refuse("{\"certificates\":{}}", "certificates: an array is needed");
    refuse(OF("1"), "certificates[0]: an object is needed");
    refuse(OF("{}"), "certificates[0].names: an array of names of hosts is needed");
    refuse(OF(FOR("")), "certificates[0].names: an array of names of hosts is needed");
    refuse(OF(FOR("1")), "certificates[0].names[0]: a string is needed");
    refuse(OF(FOR("\"*.a.test\"")), "takes a challenge by DNS");
    refuse(OF(FOR("\"a b\"")), "has a blank inside");
    refuse(OF("{\"names\":[\"a.test\"],\"email\":\"x\"}"),
           "certificates[0].email: it is no address");
    refuse(OF("{\"names\":[\"a.test\"],\"email\":1}"), "certificates[0].email: it is no string");
    refuse(ROUTE("\"host\":\"a.test\",\"tls\":\"on\""), "routes[0].tls: auto or off is accepted");
    refuse(ROUTE("\"host\":\"a.test\",\"tls\":true"), "routes[0].tls: auto or off is accepted");
    refuse(ROUTE("\"host\":\"a.test\",\"https\":\"on\""), "https");
    refuse(ROUTE("\"host\":\"a.test\",\"scheme\":\"ftp\""), "is no scheme");
}

/* What is written is what is read. */
static void test_a_line_tells_them(void **state)
{
    static const char expected[] =
        "\"certificates\":[{\"names\":[\"a.test\",\"b.test\"],\"email\":\"x@a.test\","
        "\"dialect\":\"file\",\"label\":\"certificates[0]\"}]";
    struct text problem = TEXT_INIT, line = TEXT_INIT;
    struct emit emit = {.last = TEXT_INIT};
    struct set set = {0};
    (void)state;
    struct file *file = file_parse(
        VIEW(OF("{\"names\":[\"a.test\",\"b.test\"],\"email\":\"x@a.test\"}")), false, &problem);
    assert_non_null(file);
    file_collect(file, &set);
    assert_int_equal(emit_line(&emit, &set, "file", 1, &line), EMIT_LINE);
    if (!strstr(text_str(&line), expected))
        fail_msg("%s", text_str(&line));
    assert_true(emit_certificates_bytes(&set, &problem) >= strlen(expected));
    set_fini(&set);
    file_free(file);
    emit_fini(&emit);
    text_fini(&problem);
    text_fini(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_what_lines_have_is_passed_over),
        cmocka_unit_test(test_unknown_words_are_told),
        cmocka_unit_test(test_what_no_certificate_is_got_for_is_told),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_line_tells_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
