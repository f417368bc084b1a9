/* Paths: what of them is the same, what they lead to, and what they must not get out of. */
#include "lb/contract/url_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_requests(void **state)
{
    static const struct {
        const char *path;
        enum url_path_change change;
        const char *normal;
    } rows[] = {
        {"/", URL_PATH_SAME, "/"},
        {"/app/x.js", URL_PATH_SAME, "/app/x.js"},
        {"//a//b", URL_PATH_SAME, "//a//b"},
        {"/...", URL_PATH_SAME, "/..."},
        {"/.well-known/x", URL_PATH_SAME, "/.well-known/x"},
        {"/a%2Fb", URL_PATH_SAME, "/a%2Fb"},
        {"/a%20b", URL_PATH_SAME, "/a%20b"},
        {"/a\xC3\xA4", URL_PATH_SAME, "/a\xC3\xA4"},
        {"/a%zz%4", URL_PATH_SAME, "/a%zz%4"},
        {"*", URL_PATH_SAME, "*"},
        {"/%61pp", URL_PATH_SPELLED, "/app"},
        {"/a%2fb", URL_PATH_SPELLED, "/a%2Fb"},
        {"/%c3%A4", URL_PATH_SPELLED, "/\xC3\xA4"},
        {"/%7Ba%7D%5C", URL_PATH_SPELLED, "/{a}\\"},
        {"/%2541", URL_PATH_SAME, "/%2541"},
        {"/.", URL_PATH_MOVED, "/"},
        {"/..", URL_PATH_MOVED, "/"},
        {"/a/..", URL_PATH_MOVED, "/"},
        {"/a/b/..", URL_PATH_MOVED, "/a/"},
        {"/a/./b", URL_PATH_MOVED, "/a/b"},
        {"/a/b/.", URL_PATH_MOVED, "/a/b/"},
        {"/../../a", URL_PATH_MOVED, "/a"},
        {"/strip/../q", URL_PATH_MOVED, "/q"},
        {"/app/%2e%2E/y", URL_PATH_MOVED, "/y"},
        {"/app/.%2e/y", URL_PATH_MOVED, "/y"},
        {"/a//../b", URL_PATH_MOVED, "/a/b"},
        {"/aaaaaa/./aaaaaa", URL_PATH_MOVED, "/aaaaaa/aaaaaa"},
        {"/12345/./2345", URL_PATH_MOVED, "/12345/2345"},
        {"/1234567/../x", URL_PATH_MOVED, "/x"},
        {"/public/..%2fadmin", URL_PATH_REFUSED, NULL},
        {"/public/..%5cadmin", URL_PATH_REFUSED, NULL},
        {"/public/..\\admin", URL_PATH_REFUSED, NULL},
        {"/public%2F..%2Fadmin", URL_PATH_REFUSED, NULL},
        {"/public/a\\..", URL_PATH_REFUSED, NULL},
        {"/public/%2e%2e%2fadmin", URL_PATH_REFUSED, NULL},
        {"/public/..;x=y/admin", URL_PATH_REFUSED, NULL},
        {"/public/..;", URL_PATH_REFUSED, NULL},
        {"/a..%2Fb", URL_PATH_SAME, "/a..%2Fb"},
        {"/a;v=..b", URL_PATH_SAME, "/a;v=..b"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[64];
        struct view normal, path = view_str(rows[i].path);
        enum url_path_change change = url_path_normalise(path, room, &normal);
        if (change != rows[i].change)
            fail_msg("%s: %u", rows[i].path, change);
        if (!rows[i].normal)
            continue;
        assert_int_equal(normal.len, strlen(rows[i].normal));
        assert_memory_equal(normal.ptr, rows[i].normal, normal.len);
    }
}

static void test_only_an_odd_path_is_copied(void **state)
{
    char room[64];
    struct view normal, path = VIEW("/app/x.js");
    (void)state;
    assert_false(url_path_is_odd(path));
    url_path_normalise(path, room, &normal);
    assert_ptr_equal(normal.ptr, path.ptr);
}

/* Wherever in a path it is. */
static void test_an_odd_path_is_seen(void **state)
{
    static const char *const odd[] = {"%41", "\\", "/."};
    (void)state;
    for (size_t i = 0; i < COUNT(odd); i++) {
        for (size_t at = 1; at < 24; at++) {
            char path[32] = "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
            memcpy(path + at, odd[i], strlen(odd[i]));
            assert_true(url_path_is_odd(view_str(path)));
        }
    }
}

static void test_what_is_sent_is_escaped(void **state)
{
    char room[64];
    struct view path = VIEW("/\xC3\xA4{%2F");
    (void)state;
    assert_true(url_path_escape_bound(path) >= sizeof("/%C3%A4%7B%2F") - 1);
    *url_path_escape(path, room) = '\0';
    assert_string_equal(room, "/%C3%A4%7B%2F");
}

static void test_labels(void **state)
{
    static const struct {
        const char *label, *normal;
    } rows[] = {
        {"/", "/"},
        {"/api", "/api"},
        {"/api/", "/api/"},
        {"/foo bar", "/foo%20bar"},
        {"/%66oo", "/foo"},
        {"/a%2fb", "/a%2Fb"},
        {"/\xC3\xA4", "/\xC3\xA4"},
        {"/%C3%A4", "/\xC3\xA4"},
        {"//a", "//a"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text out = TEXT_INIT, problem = TEXT_INIT;
        assert_true(url_path_parse(view_str(rows[i].label), &out, &problem));
        assert_string_equal(text_str(&out), rows[i].normal);
        text_fini(&out);
        text_fini(&problem);
    }
}

static void test_labels_that_are_refused(void **state)
{
    static const struct {
        const char *label, *word;
    } rows[] = {
        {"", "/"},          {"api", "begin with /"},  {"/a?b", "query"},     {"/a#b", "%23"},
        {"/100%", "%25"},   {"/a\nb", "control"},     {"/a/../b", ".."},     {"/a/.", "."},
        {"/a/..;/b", ".."}, {"/a/..%2Fb", "segment"}, {"/a\x7F", "control"}, {"/%zz", "%25"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text out = TEXT_INIT, problem = TEXT_INIT;
        assert_false(url_path_parse(view_str(rows[i].label), &out, &problem));
        if (!strstr(text_str(&problem), rows[i].word))
            fail_msg("%s: %s", rows[i].label, text_str(&problem));
        text_fini(&out);
        text_fini(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_only_an_odd_path_is_copied),
        cmocka_unit_test(test_an_odd_path_is_seen),
        cmocka_unit_test(test_what_is_sent_is_escaped),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_labels_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
