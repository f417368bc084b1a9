/* Borrowed bytes: compare, trim, cut, parse. */
#include "lb/base/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_view(struct view v, const char *expected)
{
    assert_int_equal(v.len, strlen(expected));
    if (v.len > 0)
        assert_memory_equal(v.ptr, expected, v.len);
}

static void test_make(void **state)
{
    (void)state;
    check_view(VIEW("abc"), "abc");
    check_view(VIEW(""), "");
    check_view(view_str("abc"), "abc");
    check_view(view_str(NULL), "");
    check_view(view_of("abc", 2), "ab");
    check_view(view_skip(VIEW("abc"), 1), "bc");
    check_view(view_skip(VIEW("abc"), 3), "");
}

static void test_compare(void **state)
{
    static const struct {
        const char *a, *b;
        bool eq, eq_nocase, starts_with;
    } rows[] = {
        {"", "", true, true, true},          {"a", "", false, false, true},
        {"", "a", false, false, false},      {"abc", "abc", true, true, true},
        {"abc", "abd", false, false, false}, {"abc", "ab", false, false, true},
        {"ab", "abc", false, false, false},  {"Host", "hOST", false, true, false},
        {"[", "{", false, false, false}, /* differ by 0x20 but are no letters */
        {"@", "`", false, false, false},     {"\xC4", "\xE4", false, false, false}, /* no ASCII */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct view a = view_str(rows[i].a), b = view_str(rows[i].b);
        assert_int_equal(view_eq(a, b), rows[i].eq);
        assert_int_equal(view_eq_nocase(a, b), rows[i].eq_nocase);
        assert_int_equal(view_starts_with(a, b), rows[i].starts_with);
    }
    assert_true(view_eq(view_of(NULL, 0), VIEW("")));
    assert_true(view_eq_nocase(view_of(NULL, 0), VIEW("")));
    assert_true(view_starts_with(VIEW("a"), view_of(NULL, 0)));
    assert_false(view_eq(view_of("a\0b", 3), view_of("a\0c", 3)));
}

static void test_ends_with(void **state)
{
    (void)state;
    assert_true(view_ends_with(VIEW("abc"), VIEW("bc")));
    assert_true(view_ends_with(VIEW("abc"), VIEW("abc")));
    assert_true(view_ends_with(VIEW("abc"), view_of(NULL, 0)));
    assert_true(view_ends_with(view_of(NULL, 0), VIEW("")));
    assert_false(view_ends_with(VIEW("abc"), VIEW("ab")));
    assert_false(view_ends_with(VIEW("bc"), VIEW("abc")));
}

static void test_trim(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},     {" ", ""},           {" \t \t", ""},     {"a", "a"},
        {" a ", "a"}, {"\ta b\t ", "a b"}, {"\na\r", "\na\r"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_view(view_trim(view_str(rows[i][0])), rows[i][1]);
    check_view(view_trim(view_of(NULL, 0)), "");
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(view_find(VIEW("abcabc"), 'b'), 1);
    assert_int_equal(view_find(VIEW("abc"), 'a'), 0);
    assert_int_equal(view_find(VIEW("abc"), 'c'), 2);
    assert_int_equal(view_find(VIEW("abc"), 'x'), -1);
    assert_int_equal(view_find(view_of("abc", 2), 'c'), -1);
    assert_int_equal(view_find(VIEW(""), 'a'), -1);
    assert_int_equal(view_find(view_of(NULL, 0), 'a'), -1);
}

static void test_cut(void **state)
{
    static const struct {
        const char *text, *parts[4];
    } rows[] = {
        {"a", {"a"}},      {"a,b,c", {"a", "b", "c"}}, {",", {"", ""}}, {"a,", {"a", ""}},
        {",a", {"", "a"}}, {"a,,b", {"a", "", "b"}},   {"", {""}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct view rest = view_str(rows[i].text);
        size_t count = 0;
        while (rest.ptr) {
            struct view part = view_cut(&rest, ',');
            assert_non_null(rows[i].parts[count]);
            check_view(part, rows[i].parts[count++]);
        }
        assert_null(rows[i].parts[count]);
        assert_int_equal(rest.len, 0);
    }
}

static void test_parse_u64(void **state)
{
    static const struct {
        const char *text;
        uint64_t max, value;
        bool is_good;
    } rows[] = {
        {"0", 0, 0, true},
        {"0", 5, 0, true},
        {"5", 5, 5, true},
        {"6", 5, 0, false},
        {"9", 5, 0, false}, /* a digit above max must not wrap around */
        {"1", 0, 0, false},
        {"9", 0, 0, false},
        {"09", 9, 9, true},
        {"10", 9, 0, false},
        {"65535", 65535, 65535, true},
        {"65536", 65535, 0, false},
        {"99999", 65535, 0, false},
        {"000000000000000000000000000001", 1, 1, true},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, 0, false},
        {"18446744073709551620", UINT64_MAX, 0, false},
        {"99999999999999999999", UINT64_MAX, 0, false},
        {"184467440737095516150", UINT64_MAX, 0, false},
        {"", 9, 0, false},
        {"-1", 9, 0, false},
        {"+1", 9, 0, false},
        {" 1", 9, 0, false},
        {"1 ", 9, 0, false},
        {"0x1", 99, 0, false},
        {"/", 99, 0, false}, /* '0' - 1 */
        {":", 99, 0, false}, /* '9' + 1 */
        {"\xB1", 99, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t value = 777;
        assert_int_equal(view_parse_u64(view_str(rows[i].text), rows[i].max, &value),
                         rows[i].is_good);
        assert_int_equal(value, rows[i].is_good ? rows[i].value : 777);
    }
    uint64_t value;
    assert_false(view_parse_u64(view_of("1\0", 2), 99, &value));
}

/* Against plain arithmetic, for all small numbers and limits. */
static void test_parse_u64_limits(void **state)
{
    (void)state;
    for (uint64_t max = 0; max <= 130; max++) {
        for (unsigned number = 0; number <= 130; number++) {
            char text[4] = {(char)('0' + number / 100), (char)('0' + number / 10 % 10),
                            (char)('0' + number % 10), '\0'};
            size_t zeros = number >= 100 ? 0 : number >= 10 ? 1 : 2;
            uint64_t value;
            assert_int_equal(view_parse_u64(view_str(text + zeros), max, &value), number <= max);
            if (number <= max)
                assert_int_equal(value, number);
        }
    }
}

static void test_order(void **state)
{
    (void)state;
    assert_int_equal(view_compare(VIEW("ab"), VIEW("ab")), 0);
    assert_int_equal(view_compare(VIEW(""), view_of(NULL, 0)), 0);
    assert_true(view_compare(VIEW("a"), VIEW("ab")) < 0);
    assert_true(view_compare(VIEW("ab"), VIEW("a")) > 0);
    assert_true(view_compare(VIEW("b"), VIEW("ab")) > 0);
    assert_true(view_compare(VIEW("a"), VIEW("\xc3")) < 0);
    assert_true(view_compare(view_of(NULL, 0), VIEW("a")) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_ends_with),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_parse_u64),
        cmocka_unit_test(test_parse_u64_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
