/* A directory, and what a hostile server says in its place. */
#include "acme/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define GOOD "\"newNonce\":\"https://ca.example/n\",\"newAccount\":\"https://ca.example/a\""

static bool read(const char *json, struct directory *out)
{
    struct trouble trouble = {0};
    bool is_good = directory_read(view_str(json), "https://ca.example:14000/dir", out, &trouble);
    if (!is_good)
        assert_non_null(strstr(trouble.sentence, "ca.example:14000"));
    return is_good;
}

static void test_read(void **state)
{
    struct directory directory;
    (void)state;
    assert_true(read(
        "{" GOOD ",\"newOrder\":\"https://ca.example/o\",\"renewalInfo\":\"https://ca.example/r\","
        "\"meta\":{\"externalAccountRequired\":true,\"termsOfService\":\"https://ca.example/t\"}}",
        &directory));
    assert_string_equal(directory.new_order, "https://ca.example/o");
    assert_string_equal(directory.renewal_info, "https://ca.example/r");
    assert_true(directory.needs_binding);
    assert_string_equal(directory.key_change, "");
}

static void test_what_is_none(void **state)
{
    static const char *const wrong[] = {
        "",
        "<html>",
        "[]",
        "{}",
        "{" GOOD "}",
        "{" GOOD ",\"newOrder\":7}",
        "{" GOOD ",\"newOrder\":\"http://ca.example/o\"}",
        "{" GOOD ",\"newOrder\":\"file:///etc/passwd\"}",
        "{" GOOD ",\"newOrder\":\"https://user:pw@ca.example/o\"}",
        "{" GOOD ",\"newOrder\":\"https://ca.example/o\\u0022,\"}",
        "{" GOOD ",\"newOrder\":\"https://ca.example/o\",\"keyChange\":\"gopher://ca.example\"}"};
    struct directory directory;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (read(wrong[i], &directory))
            fail_msg("%s was taken", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read),
                                       cmocka_unit_test(test_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
