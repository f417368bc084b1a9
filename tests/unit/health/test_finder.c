/* A text in a stream: found wherever the pieces are cut, and only when it is there. */
#include "lb/health/finder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/rng.h"

static bool find_cut_at(const char *text, struct view stream, size_t first, size_t second)
{
    struct finder finder;
    finder_init(&finder, view_str(text));
    finder_take(&finder, view_of(stream.ptr, first));
    finder_take(&finder, view_of(stream.ptr + first, second - first));
    finder_take(&finder, view_of("", 0));
    return finder_take(&finder, view_skip(stream, second));
}

static void test_every_cut(void **state)
{
    static const struct {
        const char *text, *stream;
        bool is_there;
    } rows[] = {
        {"Hello World", "<p>Hello World</p>", true},
        {"Hello World", "Hello Hello World", true},
        {"Hello World", "Hello Worl", false},
        {"aab", "aaaaaab", true},
        {"abab", "aabaabab", true},
        {"abab", "abaabaaba", false},
        {"x", "x", true},
        {"x", "", false},
        {"", "", true},
        {"aaa", "aabaa", false},
        {"abcabcabd", "abcabcabcabd", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct view stream = view_str(rows[i].stream);
        for (size_t first = 0; first <= stream.len; first++)
            for (size_t second = first; second <= stream.len; second++)
                if (find_cut_at(rows[i].text, stream, first, second) != rows[i].is_there)
                    fail_msg("\"%s\" in \"%s\"", rows[i].text, rows[i].stream);
    }
}

/* The same as memmem, for texts and streams of two letters, which repeat themselves. */
static void test_like_memmem(void **state)
{
    struct rng rng = {3};
    (void)state;
    for (unsigned turn = 0; turn < 20000; turn++) {
        char text[9] = "", stream[40];
        size_t text_len = 1 + rng_next(&rng) % 8, stream_len = rng_next(&rng) % sizeof(stream);
        for (size_t i = 0; i < text_len; i++)
            text[i] = "ab"[rng_next(&rng) % 2];
        for (size_t i = 0; i < stream_len; i++)
            stream[i] = "ab"[rng_next(&rng) % 2];
        size_t cut = rng_next(&rng) % (stream_len + 1);
        assert_int_equal(find_cut_at(text, view_of(stream, stream_len), cut, cut),
                         memmem(stream, stream_len, text, text_len) != NULL);
    }
}

static void test_longest(void **state)
{
    char text[FINDER_TEXT_MAX + 1] = "";
    struct finder finder;
    (void)state;
    memset(text, 'a', FINDER_TEXT_MAX);
    finder_init(&finder, view_str(text));
    assert_false(finder_take(&finder, view_of(text, FINDER_TEXT_MAX - 1)));
    assert_false(finder_take(&finder, VIEW("b")));
    assert_false(finder_take(&finder, view_of(text, FINDER_TEXT_MAX - 1)));
    assert_true(finder_take(&finder, VIEW("a")));
    assert_true(finder_take(&finder, VIEW("b"))); /* once found, found for good */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_like_memmem),
        cmocka_unit_test(test_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
