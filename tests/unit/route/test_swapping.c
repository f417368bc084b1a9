/* What paths are replaced by. */
#include "lb/contract/route_check.h"
#include "lb/route/swapping.h"

#include "tests/unit/route/table_case.h"

static const struct {
    const char *swap, *path;
    const char *out; /* NULL: see `way` */
    enum swapping_way way;
} rows[] = {
    {"/", "/x/y", "/", SWAPPING_MADE},
    {"/a b/%7Ec", "/x", "/a%20b/~c", SWAPPING_MADE},
    {"~^/old/(.*) /new/$1", "/old/x", "/new/x", SWAPPING_MADE},
    {"~^/old/(.*) /new/$1", "/older", "/older", SWAPPING_MADE},
    {"~/v\\d+ /api", "/x/v12/y", "/x/api/y", SWAPPING_MADE},
    {"~^/(.*) $1", "/x", "/x", SWAPPING_MADE},
    {"~^/(.*)/(.*) /$2/$1", "/a/b", "/b/a", SWAPPING_MADE},
    {"~^/a(.*) /$1", "/a", "/", SWAPPING_MADE},
    {"~^/\xC3\xA4 /\xC3\xB6", "/\xC3\xA4/x", "/\xC3\xB6/x", SWAPPING_MADE},
    {"~^/a(.*) $1", "/a../x", NULL, SWAPPING_REFUSED},
    {"~^/a(.*) /b/.$1", "/a./x", NULL, SWAPPING_REFUSED},
    {"~^/a(.*) /b/%2e$1", "/a./x", NULL, SWAPPING_REFUSED},
    {"~^/a(.*) /b/..%2F$1", "/a", NULL, SWAPPING_REFUSED},
    {"~/(a+)+$ /b", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", NULL, SWAPPING_IN_DOUBT},
};

static void check(const char *text, const char *path, const char *want, enum swapping_way way)
{
    const struct route_option option = {ROUTE_OPTION_REPLACE_PATH, view_str(text)};
    const struct route route = {.service = VIEW("s"), .options = &option, .option_count = 1};
    struct regexes regexes = {0};
    struct text problem = TEXT_INIT;
    struct view out;
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    struct rule_box *box = rule_box_new(&route, &regexes, NULL);
    char *room = malloc(SWAPPING_ROOM_BYTES);
    enum swapping_way is =
        swapping_find(box->rule.treatment->swap, view_str(path), scratch, room, &out);
    if (is != way || (want && !view_eq(out, view_str(want))))
        fail_msg("%s of %s: %d %.*s", text, path, (int)is, (int)out.len, out.ptr);
    free(room);
    rule_box_unref(box);
    regexes_fini(&regexes);
    text_fini(&problem);
}

static void test_what_comes_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check(rows[i].swap, rows[i].path, rows[i].out, rows[i].way);
}

static void test_what_is_too_long(void **state)
{
    static char path[SWAPPING_BYTES_MAX + 1];
    (void)state;
    memset(path, '/', SWAPPING_BYTES_MAX);
    check("~^/(.*) /$1$1", path, NULL, SWAPPING_TOO_LONG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_comes_out),
        TEST(test_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
