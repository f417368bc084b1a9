/* Which files lb-discovery sees from its jail: a child enters, and looks. Where the kernel has no Landlock it sees
 * all of them. */
#include "discovery/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

static char top[] = "/tmp/lb-cell-XXXXXX";

static void make(const char *name)
{
    FILE *file = fopen(name, "we");
    assert_non_null(file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(top) || chdir(top) < 0 || mkdir("state", 0700) < 0 || mkdir("real", 0700) < 0 ||
        mkdir("keys", 0700) < 0 || mkdir("other", 0700) < 0 ||
        symlink("../real/world.json", "state/world.json") < 0)
        return -1;
    make("real/world.json");
    make("keys/token");
    make("other/secret");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return system("rm -r state real keys other") + chdir("/") + rmdir(top);
}

static int opened(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : close(fd);
}

/* What opening `path` gives to who is in the jail. */
static int seen(const struct options *options, const char *path)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct text told = TEXT_INIT;
        if (!cell_enter(options, &told) || strncmp(text_str(&told), "seccomp", 7) != 0)
            _exit(EBADMSG);
        _exit(opened(path));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_files_of_the_settings_are_seen(void **state)
{
    struct options options = {.jail = JAIL_STRICT,
                              .file_path = "state/world.json",
                              .follows_consul = true,
                              .consul = {.agent = {.token_file = "keys/token"}}};
    (void)state;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) <= 0)
        skip();
    assert_int_equal(seen(&options, "state/world.json"), 0);
    assert_int_equal(seen(&options, "real/world.json"), 0);
    assert_int_equal(seen(&options, "state"), 0);
    assert_int_equal(seen(&options, "keys/token"), 0);
    assert_int_equal(seen(&options, "other/secret"), EACCES);
    assert_int_equal(seen(&options, "."), EACCES);
    assert_int_equal(seen(&options, "/etc/shadow"), EACCES);
    options.follows_consul = false;
    assert_int_equal(seen(&options, "keys/token"), EACCES);
}

/* It may be made later: it is seen then. */
static void test_a_folder_that_is_not_there_yet(void **state)
{
    struct options options = {.jail = JAIL_STRICT, .file_path = "other/later/much/world.json"};
    (void)state;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) <= 0)
        skip();
    assert_int_equal(seen(&options, "other/secret"), 0);
    assert_int_equal(seen(&options, "keys/token"), EACCES);
}

static void test_off_is_off(void **state)
{
    struct options options = {.jail = JAIL_OFF};
    struct text told = TEXT_INIT;
    (void)state;
    assert_true(cell_enter(&options, &told));
    assert_string_equal(text_str(&told), "none");
    assert_int_equal(opened("other/secret"), 0);
    text_fini(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_of_the_settings_are_seen),
        cmocka_unit_test(test_a_folder_that_is_not_there_yet),
        cmocka_unit_test(test_off_is_off),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
