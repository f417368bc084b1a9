#include "lb/master/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define UID   43210u
#define GID   43211u
#define GROUP 43212u

/* What a child says who has done it: 0 to 100, or 255: it did not end by itself. */
static int in_child(int (*work)(void))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(work());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static struct channel_place place_of(uint32_t groups)
{
    return (struct channel_place){.has_discovery_user = 1,
                                  .discovery_uid = UID,
                                  .discovery_gid = GID,
                                  .discovery_groups = {GROUP},
                                  .discovery_group_count = groups};
}

static bool is_that_user_alone(int groups)
{
    gid_t had[32];
    return getuid() == UID && geteuid() == UID && getgid() == GID && getegid() == GID &&
           getgroups(32, had) == groups && (groups == 0 || had[0] == GROUP) && setuid(0) < 0 &&
           setgid(0) < 0;
}

static int becomes_with_a_group(void)
{
    const gid_t before[] = {0, 4, 27};
    struct channel_place place = place_of(1);
    return setgroups(3, before) < 0 || privilege_become_discovery(&place) != 0 ||
           !is_that_user_alone(1);
}

static int becomes_with_none(void)
{
    const gid_t before[] = {0, 4, 27};
    struct channel_place place = place_of(0);
    return setgroups(3, before) < 0 || privilege_become_discovery(&place) != 0 ||
           !is_that_user_alone(0);
}

static int root_is_refused(void)
{
    struct channel_place place = place_of(0);
    place.discovery_uid = 0;
    return privilege_become_discovery(&place) != -EINVAL || getuid() != 0;
}

static int too_many_groups_are_refused(void)
{
    struct channel_place place = place_of(CHANNEL_GROUPS_MAX + 1);
    return privilege_become_discovery(&place) != -EINVAL || getuid() != 0;
}

static int nobody_is_named(void)
{
    struct channel_place place = place_of(1);
    place.has_discovery_user = 0;
    return privilege_become_discovery(&place) != 0 || getuid() != 0;
}

/* lb-proxy's user: with its group alone, whatever lb-discovery has. */
static int becomes_the_proxys_user(void)
{
    const gid_t before[] = {0, 4, 27};
    struct channel_place place = place_of(1);
    place.discovery_uid = place.discovery_gid = 4711;
    place.proxy_uid = UID;
    place.proxy_gid = GID;
    return setgroups(3, before) < 0 || privilege_become_proxy(&place) != 0 ||
           !is_that_user_alone(0);
}

static int a_proxy_that_is_root_is_left_so(void)
{
    struct channel_place place = place_of(1);
    return privilege_become_proxy(&place) != 0 || getuid() != 0;
}

/* Who is not root stays who it is, and that is no fault. */
static int nobody_but_root_changes(void)
{
    struct channel_place place = place_of(1);
    return setuid(4711) < 0 || privilege_become_discovery(&place) != 0 || getuid() != 4711;
}

/* Of a master that was given it by systemd nobody gets it who is started so. Becomes that user with it by ambience. */
static int nobody_reads_all_after_exec(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {{0}};
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    words[0].effective = words[0].permitted = words[0].inheritable = 1u << CAP_DAC_READ_SEARCH;
    if (setresuid(UID, UID, UID) < 0 || syscall(SYS_capset, &header, words) < 0)
        return 4;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) < 0 ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_DAC_READ_SEARCH, 0, 0) != 1)
        return 2;
    privilege_leave_reading();
    execl("/bin/grep", "grep", "-q", "^CapEff:.*[1-9a-f]", "/proc/self/status", NULL);
    return 3;
}

static bool may_read_all(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capget, &header, words) == 0 &&
           (words[0].permitted & 1u << CAP_DAC_READ_SEARCH);
}

static void who_is_started_does_not_read_all(void **state)
{
    (void)state;
    if (geteuid() != 0 || !may_read_all())
        skip();
    assert_int_equal(in_child(nobody_reads_all_after_exec), 1); /* grep finds none */
}

static void as_root(void **state)
{
    static int (*const works[])(void) = {becomes_with_a_group,    becomes_with_none,
                                         root_is_refused,         nobody_is_named,
                                         nobody_but_root_changes, too_many_groups_are_refused,
                                         becomes_the_proxys_user, a_proxy_that_is_root_is_left_so};
    (void)state;
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
        assert_int_equal(in_child(works[i]), 0);
}

static int does_nothing(void)
{
    struct channel_place place = place_of(1);
    uid_t before = getuid();
    return privilege_become_discovery(&place) != 0 || getuid() != before;
}

static void as_anybody(void **state)
{
    (void)state;
    if (geteuid() != 0)
        assert_int_equal(in_child(does_nothing), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_root),
                                       cmocka_unit_test(who_is_started_does_not_read_all),
                                       cmocka_unit_test(as_anybody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
