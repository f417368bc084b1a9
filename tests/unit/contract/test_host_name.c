/* Names of hosts: what a request asks for, and what a label may say. */
#include "lb/contract/host_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIFTY "0123456789012345678901234567890123456789012345678."
#define LONG  FIFTY FIFTY FIFTY FIFTY FIFTY

static void test_requests(void **state)
{
    static const struct {
        const char *authority, *host;
    } rows[] = {
        {"a.test", "a.test"},
        {"A.TEST", "a.test"},
        {"a.test:1234", "a.test"},
        {"a.test:", "a.test"},
        {"a.test.", "a.test"},
        {"a.test..", "a.test."},
        {"A.Test.:80", "a.test"},
        {"172.20.0.1:8080", "172.20.0.1"},
        {"[fd00::1]", "[fd00::1]"},
        {"[FD00:0:0::0001]:8080", "[fd00::1]"},
        {"xn--bcher-kva.test", "xn--bcher-kva.test"},
        {"a_b.test", "a_b.test"},
        {"", ""},
        {".", ""},
        {":80", ""},
        {LONG "abcde", LONG "abcde"},
        {LONG "abcde.", LONG "abcde"},
        {LONG "abcdef", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[HOST_NAME_BYTES_MAX];
        struct view host = host_name_of(view_str(rows[i].authority), room);
        assert_int_equal(host.len, strlen(rows[i].host));
        assert_memory_equal(host.ptr, rows[i].host, host.len);
    }
}

static void test_a_plain_name_is_not_copied(void **state)
{
    char room[HOST_NAME_BYTES_MAX];
    struct view authority = VIEW("a.test.");
    (void)state;
    assert_ptr_equal(host_name_of(authority, room).ptr, authority.ptr);
}

static void test_labels(void **state)
{
    static const struct {
        const char *label;
        enum host_form form;
        const char *text;
    } rows[] = {
        {"a.test", HOST_EXACT, "a.test"},
        {"A.Test", HOST_EXACT, "a.test"},
        {"a.test.", HOST_EXACT, "a.test"},
        {"localhost", HOST_EXACT, "localhost"},
        {"a_b.test", HOST_EXACT, "a_b.test"},
        {"*.x.test", HOST_SUFFIX, ".x.test"},
        {"*.X.test.", HOST_SUFFIX, ".x.test"},
        {"test.x.*", HOST_PREFIX, "test.x."},
        {"*", HOST_ANY, ""},
        {"172.20.0.1", HOST_EXACT, "172.20.0.1"},
        {"[fd00::1]", HOST_EXACT, "[fd00::1]"},
        {"[FD00:0::1]", HOST_EXACT, "[fd00::1]"},
        {"fd00::1", HOST_EXACT, "[fd00::1]"},
        {LONG "abcde", HOST_EXACT, LONG "abcde"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct host_pattern pattern;
        struct text problem = TEXT_INIT;
        assert_true(host_name_parse(view_str(rows[i].label), &pattern, &problem));
        assert_int_equal(pattern.form, rows[i].form);
        assert_string_equal(pattern.text, rows[i].text);
        assert_int_equal(pattern.len, strlen(rows[i].text));
        text_fini(&problem);
    }
}

/* Each with a word of what is said. */
static void test_labels_that_are_refused(void **state)
{
    static const struct {
        const char *label, *word;
    } rows[] = {
        {"", "empty"},
        {".", "dot"},
        {"d\xC3\xB6main.test", "A-label"},
        {"a b.test", "blank"},
        {"a.test,b.test", "comma"},
        {"http://a.test", "scheme"},
        {"a.test/x", "slash"},
        {"a.test:8080", "port"},
        {"a.*.test", "regex"},
        {"*a.test", "whole labels"},
        {"*.a.*", "whole labels"},
        {"*.", "empty"},
        {".*", "empty"},
        {"~^a$", "character"},
        {".a.test", "*.a.test"},
        {"a..test", "empty label"},
        {"a..*", "empty label"},
        {"a..", "empty label"},
        {"*.a..", "empty label"},
        {"[fd00::1", "character"},
        {LONG "abcdef", "255"},
        {"*." LONG "abcde", "255"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct host_pattern pattern;
        struct text problem = TEXT_INIT;
        assert_false(host_name_parse(view_str(rows[i].label), &pattern, &problem));
        if (!strstr(text_str(&problem), rows[i].word))
            fail_msg("%s: %s", rows[i].label, text_str(&problem));
        text_fini(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_a_plain_name_is_not_copied),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_labels_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
