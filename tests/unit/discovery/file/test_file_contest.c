/* Routes of one file that are for the same requests: which of them is told to be overruled. */
#include "discovery/file/file_contest.h"

#include <string.h>

#include "discovery/file/file.h"
#include "tests/unit/discovery/cmocka_all.h"

static void check(const char *routes, const char *remarks)
{
    struct text text = TEXT_INIT, problem = TEXT_INIT;
    for (text_appendf(&text, "{\"routes\":[%s]}", routes); memchr(text.bytes, '\'', text.len);)
        *(char *)memchr(text.bytes, '\'', text.len) = '"';
    struct file *file = file_parse(text_view(&text), true, &problem);
    if (!file)
        fail_msg("%s: %s", routes, text_str(&problem));
    if (strcmp(file_remarks(file), remarks) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s", routes, file_remarks(file), remarks);
    file_free(file);
    text_fini(&text);
    text_fini(&problem);
}

#define TO(service) ",'service':'" service "'}"
#define A           "{'host':'a'"
#define END         " does something else with the same requests; change one of the two\n"

static void test_the_first_one_wins(void **state)
{
    (void)state;
    check(A TO("x") "," A TO("y"),
          "line 1, column 39: routes[1]: it is overruled for a: routes[0], "
          "which stands before it," END);
}

static void test_a_higher_priority_wins(void **state)
{
    (void)state;
    check(A TO("x") "," A ",'priority':5" TO("y"),
          "line 1, column 12: routes[0]: it is overruled for a: routes[1], which has a higher "
          "priority," END);
}

static void test_what_does_the_same_or_is_for_others_is_not_told(void **state)
{
    (void)state;
    check(A TO("x") "," A TO("x"), "");
    check(A TO("x") ",{'host':'b'" TO("y"), "");
    check(A TO("x") "," A ",'method':'GET'" TO("y"), "");
    check(A ",'path':'/x'" TO("x") "," A TO("y"), "");
}

/* In the order of the file, each entry once, by the one that wins over all of them. */
static void test_entries_of_several_routes(void **state)
{
    (void)state;
    check("{'host':['b','a']" TO("x") ",{'host':['a','b']" TO("y") "," A TO("z"),
          "line 1, column 45: routes[1]: it is overruled for a: routes[0], which stands before "
          "it," END
          "line 1, column 78: routes[2]: it is overruled for a: routes[0], which stands before "
          "it," END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_one_wins),
        cmocka_unit_test(test_a_higher_priority_wins),
        cmocka_unit_test(test_what_does_the_same_or_is_for_others_is_not_told),
        cmocka_unit_test(test_entries_of_several_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
