/* Files as a whole, with a bound, for their owner alone. */
#include "acme/disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/lb-disk-XXXXXX";

static void test_write_and_read(void **state)
{
    struct text out = TEXT_INIT;
    char path[DISK_PATH_BYTES];
    struct stat status;
    (void)state;
    assert_non_null(mkdtemp(root));
    assert_true(disk_write(root, "one", VIEW("first")));
    assert_true(disk_write(root, "one", VIEW("second")));
    assert_true(disk_join(path, root, "one"));
    assert_true(disk_read(path, 6, &out));
    assert_string_equal(text_str(&out), "second");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_false(disk_read(path, 5, &out));
    assert_int_equal(errno, EFBIG);
    assert_false(disk_read(root, 100, &out));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(unlink(path), 0);
    assert_false(disk_read(path, 100, &out));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(disk_write(root, "one", VIEW("third")));
    assert_int_equal(errno, EISDIR);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(root), 0); /* nothing else is left there */
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_write_and_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
