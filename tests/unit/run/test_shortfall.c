/* What is told of routes that name what is not there. */
#include "lb/run/shortfall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct shortfall shortfall;

static int set_up(void **state)
{
    (void)state;
    shortfall = (struct shortfall){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shortfall_fini(&shortfall);
    return 0;
}

static void take_files(const char *user_file, const char *page_folder)
{
    static struct htpasswd_user bob;
    struct library *library = library_new();
    struct library_users *users = arena_new(&library->arena, sizeof(*users));
    struct library_page *pages = arena_new(&library->arena, sizeof(*pages));
    *users =
        (struct library_users){.name = view_str(user_file), .list = {.users = &bob, .count = 1}};
    pages->folder = view_str(page_folder);
    library->users = users;
    library->users_count = 1;
    library->pages = pages;
    library->page_count = 1;
    shortfall_take_library(&shortfall, library);
    library_unref(library);
}

static void take_routes(const char *user_file, const char *page_folder)
{
    const struct route_option options[] = {{ROUTE_OPTION_AUTH_FILE, view_str(user_file)},
                                           {ROUTE_OPTION_ERROR_PAGES, view_str(page_folder)}};
    const struct route routes[] = {{.host = {ROUTE_HOST, VIEW("a.test")},
                                    .service = VIEW("web"),
                                    .label = VIEW("lb.host"),
                                    .name = VIEW("shop"),
                                    .options = options,
                                    .option_count = 2},
                                   {.service = VIEW("web")}};
    struct route_table *table = route_table_new(routes, 2, NULL);
    shortfall_take_routes(&shortfall, table);
    route_table_unref(table);
}

static void assert_told(const char *want)
{
    struct view told = text_view(&shortfall.told);
    if (!view_eq(told, view_str(want)))
        fail_msg("%.*s", (int)told.len, told.ptr);
}

#define ROUTE "the route for a.test, by lb.host of shop, names the "
#define USERS                                                                                      \
    ROUTE "file users, which is not in --htpasswd-dir or cannot be used: it is held with 503 "     \
          "until it can\n"
#define PAGES                                                                                      \
    ROUTE "folder pages, which has no page in --error-pages-dir: its errors are as those of "      \
          "other routes\n"

static void test_what_misses_is_told_until_it_is_there(void **state)
{
    (void)state;
    take_routes("users", "pages");
    assert_told(""); /* no file was looked for yet */
    take_files("other", "other");
    assert_told(USERS PAGES);
    take_files("users", "other");
    assert_told(PAGES);
    take_files("users", "pages");
    assert_told("");
    take_routes("more", "pages");
    take_routes("users?", "pages");
    assert_told("");
    shortfall_take_routes(&shortfall, NULL);
    assert_told("");
}

static void test_a_file_that_may_miss_does_so(void **state)
{
    (void)state;
    take_files("other", "pages");
    take_routes("nobody?", "pages");
    assert_told("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_misses_is_told_until_it_is_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_may_miss_does_so, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
