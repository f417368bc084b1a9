/* Who lb-proxy and lb-discovery become; what is done for good is done in a child. */
#include "lb/run/privilege.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/jail/jail.h"
#include "lb/jail/jail_powers.h"

static char user[] = "nobody", other[] = "daemon", missing[] = "nobody-has-this-name",
            root[] = "root";

static struct config config_of(char *proxy, char *discovery)
{
    return (struct config){.user = proxy,
                           .discovery_user = discovery,
                           .sources = CONFIG_SOURCE_FILE,
                           .access_log = NULL};
}

static void find(const struct config *config, struct privilege *privilege,
                 struct channel_place *place, char notes[1024])
{
    struct text text = TEXT_INIT;
    *place = (struct channel_place){0};
    privilege_find(privilege, config, place, &text);
    snprintf(notes, 1024, "%s", text_str(&text));
    text_fini(&text);
}

static void needs_root(void)
{
    if (geteuid() != 0)
        skip();
}

static void test_both_are_found(void **state)
{
    struct config config = config_of(user, other);
    struct privilege privilege;
    struct channel_place place;
    char notes[1024];
    (void)state;
    needs_root();
    find(&config, &privilege, &place, notes);
    assert_string_equal(notes, "");
    assert_true(privilege.is_to_drop);
    assert_int_equal(privilege.uid, getpwnam(user)->pw_uid);
    assert_int_equal(place.proxy_uid, privilege.uid);
    assert_int_equal(place.has_discovery_user, 1);
    assert_int_equal(place.discovery_uid, getpwnam(other)->pw_uid);
    assert_int_equal(place.discovery_gid, getpwnam(other)->pw_gid);
    assert_int_equal(place.discovery_group_count, 0); /* no engine is followed */
}

static void test_who_is_missing_is_told_once(void **state)
{
    struct config config = config_of(missing, missing);
    struct privilege privilege;
    struct channel_place place;
    char notes[1024];
    (void)state;
    needs_root();
    find(&config, &privilege, &place, notes);
    assert_false(privilege.is_to_drop);
    assert_int_equal(place.has_discovery_user, 0);
    assert_non_null(strstr(notes, "no user nobody-has-this-name and nobody-has-this-name; make"));
    assert_ptr_equal(strchr(notes, '\n'), notes + strlen(notes) - 1);
    config = config_of(root, root);
    find(&config, &privilege, &place, notes);
    assert_string_equal(notes, "");
    assert_false(privilege.is_to_drop);
    assert_int_equal(place.has_discovery_user, 0);
}

static void test_who_is_not_started_needs_no_user(void **state)
{
    static char elsewhere[] = "unix:/run/line";
    struct config config = config_of(user, missing);
    struct privilege privilege;
    struct channel_place place;
    char notes[1024];
    (void)state;
    needs_root();
    config.discovery_program = elsewhere;
    find(&config, &privilege, &place, notes);
    assert_string_equal(notes, "");
    config.discovery_program = NULL;
    config.sources = CONFIG_SOURCE_STATIC;
    find(&config, &privilege, &place, notes);
    assert_string_equal(notes, "");
}

static void make_engine(char folder[], char url[], size_t size, gid_t gid, mode_t mode)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    assert_non_null(mkdtemp(folder));
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/engine", folder);
    snprintf(url, size, "unix://%s/engine", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    close(fd);
    assert_int_equal(chown(at.sun_path, 0, gid), 0);
    assert_int_equal(chmod(at.sun_path, mode), 0);
}

static void test_the_group_of_the_engine(void **state)
{
    static const struct {
        gid_t gid;
        mode_t mode;
        unsigned has_user, group_count;
        const char *note;
    } rows[] = {
        {4711, 0660, 1, 1, ""},
        {4711, 0666, 1, 0, ""},
        {0, 0666, 1, 0, ""},
        {0, 0660, 0, 0, "no group but root's"},
        {4711, 0600, 0, 0, "no group but root's"},
    };
    (void)state;
    needs_root();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char folder[] = "/tmp/lb-privilege-XXXXXX", url[64], notes[1024];
        struct config config = config_of(user, other);
        struct privilege privilege;
        struct channel_place place;
        make_engine(folder, url, sizeof(url), rows[i].gid, rows[i].mode);
        config.sources = CONFIG_SOURCE_DOCKER;
        config.docker_endpoint = url;
        find(&config, &privilege, &place, notes);
        assert_int_equal(place.has_discovery_user, rows[i].has_user);
        assert_int_equal(place.discovery_group_count, rows[i].group_count);
        if (rows[i].group_count > 0)
            assert_int_equal(place.discovery_groups[0], rows[i].gid);
        assert_non_null(strstr(notes, rows[i].note));
        unlink(url + strlen("unix://"));
        rmdir(folder);
    }
}

/* In a child: there is no way back. Gives a letter for what was wrong, 0 for nothing. */
static int become(const struct privilege *privilege, const struct config *config, const char *note)
{
    struct text notes = TEXT_INIT;
    gid_t groups[4] = {4711};
    if (setgroups(1, groups) != 0 || privilege_drop(privilege) != 0)
        return 'd';
    if (geteuid() != privilege->uid || getuid() != privilege->uid || getegid() != privilege->gid)
        return 'u';
    if (getgroups(4, groups) != 0)
        return 'g';
    if (setuid(0) == 0 || setgid(0) == 0)
        return 'b';
    privilege_check_files(privilege, config, &notes);
    return strstr(text_str(&notes), note) ? 0 : 'n';
}

static void test_it_is_for_good(void **state)
{
    static char kept[] = "/root/lb-privilege/state";
    struct privilege privilege = {.is_to_drop = true};
    struct config config = config_of(user, other);
    int status;
    (void)state;
    needs_root();
    config.state_path = kept;
    privilege.uid = getpwnam(user)->pw_uid;
    privilege.gid = getpwnam(user)->pw_gid;
    pid_t pid = fork();
    if (pid == 0)
        _exit(become(&privilege, &config, "--state /root/lb-privilege/state: user "));
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(privilege_drop(&(struct privilege){0}), 0);
    assert_int_equal(geteuid(), 0);
}

/* ---- keys of others ---------------------------------------------------------------------------- */

#define READS_ALL (1u << CAP_DAC_READ_SEARCH)

static uint32_t powers(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {{0}};
    syscall(SYS_capget, &header, words);
    return words[0].effective | words[0].permitted | words[0].inheritable | words[1].permitted;
}

/* -errno, or 0. */
static int open_one(const char *folder, const char *name, int flags)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

/* Folders of root's with a key that is for root's eyes. */
static void make_keys(char folder[])
{
    char path[96];
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, i ? "other" : "own");
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(open_one(path, "key.pem", O_CREAT | O_WRONLY), 0);
    }
}

static void remove_keys(const char *folder)
{
    static const char *const names[] = {"own/key.pem", "other/key.pem", "own", "other", ""};
    char path[96];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        remove(path);
    }
}

/* In a child. Gives a letter for what was wrong, 0 for nothing. */
static int read_keys(const struct privilege *privilege, const char *folder)
{
    char own[96];
    struct text problem = TEXT_INIT;
    snprintf(own, sizeof(own), "%s/own", folder);
    const struct jail_path path = {.path = own};
    const struct jail_options jail = {
        .mode = JAIL_STRICT, .kind = JAIL_PROXY, .paths = &path, .path_count = 1};
    if (privilege_drop(privilege) != 0 || geteuid() != privilege->uid || setuid(0) == 0)
        return 'd';
    if (powers() != (privilege->reads_all ? READS_ALL : 0))
        return 'p';
    if (!jail_enter(&jail, &problem))
        return 'j';
    if (powers() != (privilege->reads_all ? READS_ALL : 0))
        return 'P';
    if (open_one(folder, "own/key.pem", O_RDONLY) != (privilege->reads_all ? 0 : -EACCES))
        return 'r';
    if (open_one(folder, "other/key.pem", O_RDONLY) != -EACCES ||
        open_one("/etc", "shadow", O_RDONLY) != -EACCES)
        return 'o';
    return open_one(folder, "own/key.pem", O_WRONLY) == 0 ||
                   open_one(folder, "own/new", O_CREAT | O_WRONLY) == 0
               ? 'w'
               : 0;
}

/* Root's keys of mode 0600 are read below the folders of the jail, and nowhere else. */
static void test_keys_of_root_are_read_where_they_are_named(void **state)
{
    char folder[] = "/tmp/lb-keys-XXXXXX";
    struct privilege privilege = {.is_to_drop = true};
    (void)state;
    needs_root();
    if (!jail_restricts_files(JAIL_STRICT) || !jail_powers_read_all())
        skip();
    make_keys(folder);
    privilege.uid = getpwnam(user)->pw_uid;
    privilege.gid = getpwnam(user)->pw_gid;
    for (int reads_all = 0; reads_all < 2; reads_all++) {
        int status;
        privilege.reads_all = reads_all;
        pid_t pid = fork();
        if (pid == 0)
            _exit(read_keys(&privilege, folder));
        waitpid(pid, &status, 0);
        assert_int_equal(status, 0);
    }
    remove_keys(folder);
}

/* As systemd gives it to who never was root. */
static int have_it_left(bool reads_all)
{
    struct privilege privilege = {.is_to_drop = true, .reads_all = true};
    privilege.uid = getpwnam(user)->pw_uid;
    privilege.gid = getpwnam(user)->pw_gid;
    if (privilege_drop(&privilege) != 0 || powers() != READS_ALL)
        return 'd';
    if (privilege_drop(&(struct privilege){.reads_all = reads_all}) != 0)
        return 's';
    return powers() == (reads_all ? READS_ALL : 0) ? 0 : 'p';
}

static void test_who_was_given_it_keeps_it_for_keys_alone(void **state)
{
    (void)state;
    needs_root();
    if (!jail_powers_read_all())
        skip();
    for (int reads_all = 0; reads_all < 2; reads_all++) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            _exit(have_it_left(reads_all));
        waitpid(pid, &status, 0);
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_are_found),
        cmocka_unit_test(test_who_is_missing_is_told_once),
        cmocka_unit_test(test_who_is_not_started_needs_no_user),
        cmocka_unit_test(test_the_group_of_the_engine),
        cmocka_unit_test(test_it_is_for_good),
        cmocka_unit_test(test_keys_of_root_are_read_where_they_are_named),
        cmocka_unit_test(test_who_was_given_it_keeps_it_for_keys_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
