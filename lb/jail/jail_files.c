#include "lb/jail/jail_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lb/jail/jail_powers.h"

/* The numbers are the same on all machines; headers of Debian 12 know half of them. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define VERSION_QUERY 1u
#define PATH_BENEATH  1

#define WRITE_FILE  (1u << 1)
#define READ_FILE   (1u << 2)
#define READ_DIR    (1u << 3)
#define REMOVE_DIR  (1u << 4)
#define REMOVE_FILE (1u << 5)
#define MAKE_DIR    (1u << 7)
#define MAKE_REG    (1u << 8)
#define MAKE_SYM    (1u << 12)
#define TRUNCATE    (1u << 14)

#define NET_BIND_TCP           (1u << 0)
#define SCOPE_ABSTRACT_SOCKETS (1u << 0)
#define SCOPE_SIGNALS          (1u << 1)

struct ruleset_words {
    uint64_t files, net, scoped;
};

struct path_words {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

/* What programs read without being asked to: the resolver's files, the time zone, themselves. */
static const struct jail_path usual[] = {
    {.path = "/etc/resolv.conf"},   {.path = "/etc/hosts"},
    {.path = "/etc/nsswitch.conf"}, {.path = "/etc/host.conf"},
    {.path = "/etc/gai.conf"},      {.path = "/etc/services"},
    {.path = "/etc/localtime"},     {.path = "/usr/share/zoneinfo"},
    {.path = "/etc/machine-id"},    {.path = "/proc/self"},
    {.path = "/sys/fs/cgroup"},     {.path = "/dev/null", .is_written = true},
    {.path = "/dev/urandom"},
};

int jail_files_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_QUERY);
    return version > 0 ? (int)version : 0;
}

/* All rights that this version can take away. */
static uint64_t handled_of(int version)
{
    static const unsigned counts[] = {0, 13, 14, 15, 15, 16};
    unsigned last = sizeof(counts) / sizeof(counts[0]) - 1;
    return (1u << counts[(unsigned)version < last ? (unsigned)version : last]) - 1;
}

static uint64_t rights_of(const struct jail_path *path, bool is_folder)
{
    uint64_t rights = READ_FILE;
    if (is_folder)
        rights |= READ_DIR;
    if (path->is_written)
        rights |= WRITE_FILE | TRUNCATE;
    if (path->is_written && is_folder)
        rights |= MAKE_REG | REMOVE_FILE;
    if (path->is_written && is_folder && path->has_folders)
        rights |= MAKE_DIR | REMOVE_DIR | MAKE_SYM;
    return rights;
}

static int allow(int ruleset, uint64_t handled, const struct jail_path *path)
{
    struct stat status;
    struct path_words words = {.fd = open(path->path, O_PATH | O_CLOEXEC)};
    if (words.fd < 0)
        return 0;
    int rc = fstat(words.fd, &status) < 0 ? -errno : 0;
    words.allowed = handled & rights_of(path, S_ISDIR(status.st_mode));
    if (rc == 0 && syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &words, 0) < 0)
        rc = -errno;
    close(words.fd);
    return rc;
}

static int allow_all(int ruleset, uint64_t handled, const struct jail_path *paths, unsigned count)
{
    int rc = 0;
    for (unsigned i = 0; i < count && rc == 0; i++)
        if (paths[i].path && paths[i].path[0] != '\0')
            rc = allow(ruleset, handled, &paths[i]);
    return rc;
}

/* Landlock knows files, not names, and the resolver's file is replaced by another of its name: so the folder
 * that a link leads to is allowed (systemd-resolved, NetworkManager). Where the file lies in /etc itself, that is
 * allowed to who sees there what everybody does: neither root nor one who may read all. In a container it is a mount, which stays. */
static int allow_resolver_folder(int ruleset, uint64_t handled)
{
    char real[PATH_MAX];
    struct stat file, folder;
    if (!realpath("/etc/resolv.conf", real) || stat(real, &file) < 0)
        return 0;
    strrchr(real, '/')[0] = '\0';
    if (real[0] == '\0' || stat(real, &folder) < 0 || file.st_dev != folder.st_dev)
        return 0;
    if (strcmp(real, "/etc") == 0 && (geteuid() == 0 || jail_powers_read_all()))
        return 0;
    return allow(ruleset, handled, &(struct jail_path){.path = real});
}

static int restrict_self(int ruleset, uint64_t handled, const struct jail_path *paths,
                         unsigned path_count)
{
    int rc = allow_all(ruleset, handled, usual, sizeof(usual) / sizeof(usual[0]));
    if (rc == 0)
        rc = allow_resolver_folder(ruleset, handled);
    if (rc == 0)
        rc = allow_all(ruleset, handled, paths, path_count);
    if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        rc = -errno;
    return rc;
}

int jail_files_restrict(const struct jail_path *paths, unsigned path_count)
{
    int version = jail_files_version();
    if (version == 0)
        return 0;
    struct ruleset_words words = {
        .files = handled_of(version),
        .net = version >= 4 ? NET_BIND_TCP : 0,
        .scoped = version >= 6 ? SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS : 0,
    };
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &words, sizeof(words), 0);
    if (ruleset < 0)
        return -errno;
    int rc = restrict_self(ruleset, words.files, paths, path_count);
    close(ruleset);
    return rc;
}
