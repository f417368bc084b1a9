/* The operator's files as requests see them: whose users count, and which page is for a status. */
#include "lb/policy/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct htpasswd_user bob = {.name = {"bob", 3}};

/* "a" and "c" have somebody in them; "b" cannot be used. */
static const struct library_users files[] = {
    {VIEW("a"), {&bob, 1}}, {VIEW("b"), {NULL, 0}}, {VIEW("c"), {&bob, 1}}};

static struct library library = {.users = files, .users_count = 3};

static void test_whose_users_count(void **state)
{
    static const struct {
        const char *names;
        enum library_answer answer;
        unsigned at; /* of the file */
    } rows[] = {
        {"a", LIBRARY_FOUND, 0},      {"c", LIBRARY_FOUND, 2},        {"b", LIBRARY_UNKNOWN, 0},
        {"b?", LIBRARY_UNKNOWN, 0}, /* it is there: never open */
        {"d", LIBRARY_UNKNOWN, 0},    {"d?", LIBRARY_NONE, 0},        {"d?,c?", LIBRARY_FOUND, 2},
        {"a?, c?", LIBRARY_FOUND, 0}, {"d?, b?", LIBRARY_UNKNOWN, 0}, {"d?, e", LIBRARY_UNKNOWN, 0},
        {"d?, e?", LIBRARY_NONE, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct htpasswd *list = NULL;
        assert_int_equal(library_find_users(&library, view_str(rows[i].names), &list),
                         rows[i].answer);
        if (rows[i].answer == LIBRARY_FOUND)
            assert_ptr_equal(list, &files[rows[i].at].list);
    }
}

/* Whether a file that may miss is there cannot be told: the route stays shut. */
static void test_who_knows_nothing_opens_nothing(void **state)
{
    struct library blind = {.is_blind = true};
    const struct htpasswd *list;
    (void)state;
    assert_int_equal(library_find_users(&blind, VIEW("d?"), &list), LIBRARY_UNKNOWN);
    struct library partial = library;
    partial.misses_users = true;
    assert_int_equal(library_find_users(&partial, VIEW("d?"), &list), LIBRARY_UNKNOWN);
    assert_int_equal(library_find_users(&partial, VIEW("a?"), &list), LIBRARY_FOUND);
    assert_int_equal(library_find_users(NULL, VIEW("d?"), &list), LIBRARY_UNKNOWN);
}

static void test_pages(void **state)
{
    static const struct library_page pages[] = {
        {VIEW("shop"), 503, 503, {503, "text/html", VIEW("busy")}},
        {VIEW("shop"), 500, 599, {0, "text/html", VIEW("broken")}},
        {VIEW("shop"), 500, 599, {0, "application/json", VIEW("{}")}},
        {VIEW("blog"), 404, 404, {404, "text/plain", VIEW("none")}},
    };
    const struct library all = {.pages = pages, .page_count = 4};
    static const struct {
        const char *folder;
        unsigned status;
        bool wants_json;
        const char *body; /* NULL: there is no page */
    } rows[] = {
        {"shop", 503, false, "busy"}, {"shop", 502, false, "broken"}, {"shop", 503, true, "{}"},
        {"shop", 404, false, NULL},   {"blog", 404, false, "none"},   {"blog", 404, true, NULL},
        {"other", 503, false, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct answer_page *page =
            library_find_page(&all, view_str(rows[i].folder), rows[i].status, rows[i].wants_json);
        assert_int_equal(page != NULL, rows[i].body != NULL);
        if (page)
            assert_true(view_eq(page->body, view_str(rows[i].body)));
    }
    assert_null(library_find_page(NULL, VIEW("shop"), 503, false));
}

static void test_it_is_counted(void **state)
{
    struct library *one = library_new();
    (void)state;
    arena_copy(&one->arena, VIEW("the sanitizer looks whether this goes"));
    assert_ptr_equal(library_ref(one), one);
    library_unref(one);
    library_unref(one);
    library_unref(NULL);
}

static void test_files_of_certificates(void **state)
{
    static const struct library_pem pems[] = {{VIEW("a.pem"), VIEW("one")},
                                              {VIEW("b.pem"), VIEW("two")}};
    const struct library all = {.pems = pems, .pem_count = 2};
    (void)state;
    assert_true(view_eq(library_find_pem(&all, VIEW("b.pem")), VIEW("two")));
    assert_int_equal(library_find_pem(&all, VIEW("c.pem")).len, 0);
    assert_int_equal(library_find_pem(NULL, VIEW("a.pem")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose_users_count),
        cmocka_unit_test(test_who_knows_nothing_opens_nothing),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_files_of_certificates),
        cmocka_unit_test(test_it_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
