/* Which container or port a word means. */
#include "lb/admin/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_who_is_meant(void **state)
{
    static const struct {
        const char *subject, *id, *container, *name;
        enum subject_meaning want;
    } rows[] = {
        {"web1", "4f9cab", "4f9cab", "web1", SUBJECT_CONTAINER},
        {"web", "4f9cab", "4f9cab", "web1", SUBJECT_NO},
        {"WEB1", "4f9cab", "4f9cab", "web1", SUBJECT_NO},
        {"", "4f9cab", "4f9cab", "web1", SUBJECT_NO},
        {"4f9cab", "4f9cab", "4f9cab", "web1", SUBJECT_CONTAINER},
        {"4f9c", "4f9cab", "4f9cab", "web1", SUBJECT_CONTAINER},
        {"4f9", "4f9cab", "4f9cab", "web1", SUBJECT_NO}, /* too short */
        {"4f9cabd", "4f9cab", "4f9cab", "web1", SUBJECT_NO},
        {"f9ca", "4f9cab", "4f9cab", "web1", SUBJECT_NO},
        {"10.0.0.1", "10.0.0.1:80", "10.0.0.1:80", "n", SUBJECT_NO}, /* no hexadecimal digits */
        {"10.0.0.1:80", "10.0.0.1:80", "10.0.0.1:80", "n", SUBJECT_CONTAINER},
        {"abc", "abc", "abc", "n", SUBJECT_CONTAINER},
        /* one of several ports */
        {"web1", "4f9cab:80", "4f9cab", "web1", SUBJECT_CONTAINER},
        {"4f9c", "4f9cab:80", "4f9cab", "web1", SUBJECT_CONTAINER},
        {"web1:80", "4f9cab:80", "4f9cab", "web1", SUBJECT_PORT},
        {"4f9c:80", "4f9cab:80", "4f9cab", "web1", SUBJECT_PORT},
        {"4f9cab:80", "4f9cab:80", "4f9cab", "web1", SUBJECT_PORT},
        {"4f9:80", "4f9cab:80", "4f9cab", "web1", SUBJECT_NO},
        {"web1:8", "4f9cab:80", "4f9cab", "web1", SUBJECT_NO},
        {"web1:081", "4f9cab:80", "4f9cab", "web1", SUBJECT_NO},
        {":80", "4f9cab:80", "4f9cab", "web1", SUBJECT_NO},
        {"80", "4f9cab:80", "4f9cab", "web1", SUBJECT_NO},
        {"web1:80", "4f9cab", "4f9cab", "web1", SUBJECT_NO}, /* it has only one */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (subject_means(view_str(rows[i].subject), rows[i].id, rows[i].container, rows[i].name) !=
            rows[i].want)
            fail_msg("%s of %s, %s", rows[i].subject, rows[i].id, rows[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
