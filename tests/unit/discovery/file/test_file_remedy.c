/* Each cause has the remedy that belongs to it. */
#include "discovery/file/file_remedy.h"

#include <errno.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_file(void **state)
{
    static const struct {
        int os_error;
        bool in_container;
        const char *says;
    } files[] = {
        {0, false, "Correct the file"},          {ENOENT, true, "docker run -v "},
        {ENOENT, false, "name the right one"},   {EACCES, false, "Let user 7 read it"},
        {EISDIR, true, "docker run -v makes a"}, {EFBIG, false, "smaller"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct text out = TEXT_INIT;
        file_remedy_append("/etc/lb/s.json", files[i].os_error, files[i].in_container, 7, &out);
        assert_non_null(strstr(text_str(&out), files[i].says));
        text_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
