/* The words around a sign-in: which values are taken, and which are refused with what. */
#include "lb/contract/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

typedef bool check_value(struct view value, struct text *problem);

/* `part` is what is said of it; NULL: it is good. */
struct row {
    check_value *check;
    const char *value, *part;
};

static void test_values(void **state)
{
    static const struct row rows[] = {
        {auth_check_files, "users", NULL},
        {auth_check_files, "a.test_ab?, a.test?", NULL},
        {auth_check_files, "a,b,c,d", NULL},
        {auth_check_files, "a,b,c,d,e", "more than 4"},
        {auth_check_files, "a,,b", "names no file"},
        {auth_check_files, "?", "names no file"},
        {auth_check_files, "a??", "a question mark"},
        {auth_check_files, "../users", "a dot"},
        {auth_check_files, "users, etc/passwd", "a slash"},
        {auth_check_realm, "Restricted a.test", NULL},
        {auth_check_realm, "a \"b\"", "without quotes"},
        {auth_check_realm, "a\\", "without quotes"},
        {auth_check_realm, "caf\xC3\xA9", "ASCII"},
        {auth_check_realm, "a\r\nX: y", "printable"},
        {auth_check_header, "X-User", NULL},
        {auth_check_header, "Remote-User", NULL},
        {auth_check_header, "X User", "no name"},
        {auth_check_header, "X-User:", "no name"},
        {auth_check_header, "X-User\r\nA", "no name"},
        {auth_check_header, "hOst", "of its own"},
        {auth_check_header, "Transfer-Encoding", "of its own"},
        {auth_check_header, "Content_Length", "of its own"},
        {auth_check_header, "Transfer.Encoding", "of its own"},
        {auth_check_header, "Authorization", "of its own"},
        {auth_check_header, "X-Forwarded-For", "of its own"},
        {auth_check_keep, "true", NULL},
        {auth_check_keep, "False", NULL},
        {auth_check_keep, "1", "neither"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text problem = TEXT_INIT;
        assert_int_equal(rows[i].check(view_str(rows[i].value), &problem), !rows[i].part);
        if (rows[i].part)
            assert_non_null(strstr(text_str(&problem), rows[i].part));
        text_fini(&problem);
    }
    assert_true(auth_keeps(VIEW("true")));
    assert_false(auth_keeps(VIEW("false")));
}

static void test_files_come_in_their_order(void **state)
{
    struct view rest = VIEW("a.test_ab?, a.test? ,users");
    struct auth_file file;
    (void)state;
    assert_true(auth_next_file(&rest, &file));
    assert_true(view_eq(file.name, VIEW("a.test_ab")) && file.may_miss);
    assert_true(auth_next_file(&rest, &file));
    assert_true(view_eq(file.name, VIEW("a.test")) && file.may_miss);
    assert_true(auth_next_file(&rest, &file));
    assert_true(view_eq(file.name, VIEW("users")) && !file.may_miss);
    assert_false(auth_next_file(&rest, &file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_files_come_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
