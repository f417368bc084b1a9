/* Settings of checks: what is accepted, what is refused, and what wins. */
#include "lb/contract/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each value and how it is written back; NULL: it is refused. */
static void test_values(void **state)
{
    static const struct {
        const char *word, *value, *again;
    } rows[] = {
        {"mode", "auto", "auto"},
        {"mode", "http", "http"},
        {"mode", "HTTP", NULL},
        {"mode", "postgres", "postgres"},
        {"mode", "redis", "redis"},
        {"mode", "smtp", "smtp"},
        {"mode", "udp", "udp"},
        {"mode", "dns", "dns"},
        {"mode", "mysql", NULL},
        {"mode", "", NULL},
        {"path", "/", "/"},
        {"path", "/a?b=c", "/a?b=c"},
        {"path", "a", NULL},
        {"path", "/a b", NULL},
        {"path", "/\r\nX: y", NULL},
        {"path", "/\xC3\xA4", NULL},
        {"method", "HEAD", "HEAD"},
        {"method", "get", NULL},
        {"method", "GET /", NULL},
        {"method", "AMETHODOFSIXTEEN", NULL},
        {"method", "AMETHODOFFIFTEE", "AMETHODOFFIFTEE"},
        {"host", "example.com", "example.com"},
        {"host", "[::1]:8080", "[::1]:8080"},
        {"host", "a b", NULL},
        {"host", "a/b", NULL},
        {"host", "a\r\nX: y", NULL},
        {"port", "9000", "9000"},
        {"port", "0", NULL},
        {"port", "65536", NULL},
        {"port", "x", NULL},
        {"header", "X-Forwarded-Proto: https", "X-Forwarded-Proto: https"},
        {"header", "A: b|C:d: e", "A: b|C:d: e"},
        {"header", "A:", "A:"},
        {"header", "A", NULL},
        {"header", "A: b|", NULL},
        {"header", ": b", NULL},
        {"header", "A B: c", NULL},
        {"header", "A: b\r\nC: d", NULL},
        {"header", "Host: a", NULL},
        {"header", "A: b|content-LENGTH : 5", NULL},
        {"header", "Transfer-Encoding: chunked", NULL},
        {"status", "200-399", "200-399"},
        {"status", "200, 204 ,301-302", "200,204,301-302"},
        {"status", "599", "599"},
        {"status", "199", NULL},
        {"status", "600", NULL},
        {"status", "300-200", NULL},
        {"status", "200,", NULL},
        {"status", "200-", NULL},
        {"status", "201,202,203,204,205,206,207,208", "201,202,203,204,205,206,207,208"},
        {"status", "201,202,203,204,205,206,207,208,209", NULL},
        {"text", "Hello World", "Hello World"},
        {"text", "\xC3\xA4", "\xC3\xA4"},
        {"text", "a\nb", NULL},
        {"text", "a\x7F", NULL},
        {"send", "PING\\r\\n", "PING\\r\\n"},
        {"send", "PING\r\n", NULL},
        {"send", "\\q", NULL},
        {"expect", "\\x00\\\\", "\\x00\\\\"},
        {"expect", "\\x0", NULL},
        {"interval", "10ms", "10ms"},
        {"interval", "9ms", NULL},
        {"interval", "90s", "90s"},
        {"interval", "120s", "2m"},
        {"interval", "1h", "60m"},
        {"interval", "61m", NULL},
        {"interval", "5", NULL},
        {"interval", "s", NULL},
        {"interval", "99999999999999999999s", NULL},
        {"timeout", "1500ms", "1500ms"},
        {"rise", "1", "1"},
        {"rise", "0", NULL},
        {"fall", "100", "100"},
        {"fall", "101", NULL},
        {"nonsense", "1", NULL},
        {"", "1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct check check = {0}, untouched = {0};
        struct text text = TEXT_INIT;
        bool is_good = check_set(&check, view_str(rows[i].word), view_str(rows[i].value));
        if (is_good != (rows[i].again != NULL))
            fail_msg("%s \"%s\"", rows[i].word, rows[i].value);
        check_format(&check, view_str(rows[i].word), &text);
        assert_string_equal(text_str(&text), is_good ? rows[i].again : "");
        if (!is_good)
            assert_memory_equal(&check, &untouched, sizeof(check));
        text_fini(&text);
    }
}

static void test_long_strings(void **state)
{
    char longest[CHECK_STRING_BYTES + 1];
    struct check check = {0};
    (void)state;
    memset(longest, '/', sizeof(longest));
    assert_true(check_set(&check, VIEW("path"), view_of(longest, CHECK_STRING_BYTES - 1)));
    assert_int_equal(strlen(check.path), CHECK_STRING_BYTES - 1);
    assert_false(check_set(&check, VIEW("path"), view_of(longest, CHECK_STRING_BYTES)));
    assert_false(check_set(&check, VIEW("text"), view_of(longest, CHECK_STRING_BYTES)));
    assert_false(check_set(&check, VIEW("send"), view_of(longest, CHECK_STRING_BYTES)));
    assert_true(check_set(&check, VIEW("expect"), view_of(longest, CHECK_STRING_BYTES - 1)));
}

static void test_words(void **state)
{
    unsigned count = 0;
    (void)state;
    for (const char *word; (word = check_word_at(count)); count++)
        assert_non_null(check_accepted(view_str(word)));
    assert_int_equal(count, 14);
    assert_null(check_accepted(VIEW("pat")));
}

static void test_merge_of_all_words(void **state)
{
    static const char *const values[2][14] = {
        {"tcp", "/a", "GET", "a", "1", "A: b", "200", "a", "a", "b", "1s", "2s", "3", "4"},
        {"http", "/b", "PUT", "b", "2", "C: d", "201-202,203", "b", "c", "d", "5s", "6s", "7", "8"},
    };
    struct check below = {0}, above = {0}, none = {0};
    (void)state;
    for (unsigned i = 0; i < 14; i++) {
        assert_true(check_set(&below, view_str(check_word_at(i)), view_str(values[0][i])));
        assert_true(check_set(&above, view_str(check_word_at(i)), view_str(values[1][i])));
    }
    for (unsigned turn = 0; turn < 2; turn++) {
        check_merge(&below, turn == 0 ? &none : &above);
        for (unsigned i = 0; i < 14; i++) {
            struct text text = TEXT_INIT;
            check_format(&below, view_str(check_word_at(i)), &text);
            assert_string_equal(text_str(&text), values[turn][i]);
            text_fini(&text);
        }
    }
    assert_true(check_takes_status(&below, 202));
    assert_true(check_takes_status(&below, 203));
    assert_false(check_takes_status(&below, 200));
    assert_false(check_takes_status(&below, 204));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_long_strings),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_merge_of_all_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
