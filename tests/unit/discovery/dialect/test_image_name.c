#include "discovery/dialect/image_name.h"

#include "tests/unit/discovery/fixture.h"

static void test_base_names(void **state)
{
    static const struct {
        const char *image, *expected;
    } cases[] = {
        {"nginx", "nginx"},
        {"nginx:1.25", "nginx"},
        {"registry:5000/foo/bar:tag", "bar"},
        {"registry:5000/foo/bar:tag@sha256:0123", "bar"},
        {"foo/bar@sha256:0123", "bar"},
        {"0123456789ab", ""},
        {"sha256:0123456789ab", ""},
        {"", ""},
        {"a/", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (!view_eq(image_name_base(cases[i].image), view_str(cases[i].expected)))
            fail_msg("%s", cases[i].image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_base_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
