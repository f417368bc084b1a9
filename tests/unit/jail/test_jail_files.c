/* Files that are listed, and those that are not. Where the kernel has no Landlock there is nothing to see. */
#include "lb/jail/jail_files.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char top[] = "/tmp/lb-jail-XXXXXX";

static void make(const char *name)
{
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    fclose(file);
}

/* top/: read/file written/file other/file alone, and "written" is where lb would write. */
static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(top) || chdir(top) < 0 || mkdir("read", 0700) < 0 || mkdir("written", 0700) < 0 ||
        mkdir("other", 0700) < 0)
        return -1;
    make("read/file");
    make("written/file");
    make("written/old");
    make("other/file");
    make("alone");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"read/file",  "written/file", "written/old",  "written/new",
                                        "other/file", "alone",        "written/newer"};
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    return rmdir("read") + rmdir("written") + rmdir("other") + chdir("/") + rmdir(top);
}

static int opened(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int made(int rc)
{
    return rc < 0 ? errno : 0;
}

/* The number of the first line that is not as it should be. */
#define WANT(expression, expected)                                                                 \
    do {                                                                                           \
        if ((expression) != (expected)) {                                                          \
            fprintf(stderr, "line %d: %s: %s\n", __LINE__, #expression, strerror(errno));          \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void look(void)
{
    WANT(opened("read/file", O_RDONLY), 0);
    WANT(opened("read", O_RDONLY | O_DIRECTORY), 0);
    WANT(opened("read/file", O_WRONLY), EACCES);
    WANT(opened("read/new", O_WRONLY | O_CREAT), EACCES);
    WANT(opened("written/file", O_WRONLY | O_TRUNC), 0);
    WANT(opened("written/new", O_WRONLY | O_CREAT), 0);
    WANT(made(rename("written/new", "written/newer")), 0);
    WANT(made(rename("written/newer", "other/newer")), EACCES);
    WANT(made(unlink("written/old")), 0);
    WANT(made(mkdir("written/folder", 0700)), EACCES);
    WANT(made(symlink("/etc/passwd", "written/link")), EACCES);
    WANT(opened("other/file", O_RDONLY), EACCES);
    WANT(opened("other", O_RDONLY | O_DIRECTORY), EACCES);
    WANT(made(unlink("other/file")), EACCES);
    WANT(opened("alone", O_RDONLY), 0);
    WANT(opened("alone", O_WRONLY), EACCES);
    WANT(opened("/etc/shadow", O_RDONLY), EACCES);
    WANT(opened("/etc/hosts", O_RDONLY), 0);
    WANT(opened("/etc/hosts", O_WRONLY), EACCES);
    WANT(opened("/proc/self/stat", O_RDONLY), 0);
    WANT(opened("/proc/1/stat", O_RDONLY), EACCES);
    WANT(opened("/dev/null", O_WRONLY), 0);
    WANT(opened("/", O_RDONLY | O_DIRECTORY), EACCES);
}

static void test_what_is_listed_is_left(void **state)
{
    static const struct jail_path paths[] = {
        {.path = "read"},  {.path = "written", .is_written = true},
        {.path = "alone"}, {.path = "not there", .is_written = true},
        {.path = NULL},    {.path = "", .is_written = true}};
    int status;
    (void)state;
    if (jail_files_version() == 0)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        WANT(jail_files_restrict(paths, sizeof(paths) / sizeof(paths[0])), 0);
        look();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_listed_is_left),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
