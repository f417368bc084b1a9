#include "lb/run/privilege.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/config/config_socket.h"
#include "lb/jail/jail_powers.h"
#include "lb/run/confine.h"

#define UNIX_URL "unix://"

/* ---- whom there is --------------------------------------------------------------------------- */

/* Root is named to say that it is meant. NULL: it stays so, `missing` has the name of who is not there. */
static const struct passwd *find_user(const char *name, struct text *missing)
{
    const struct passwd *user = getpwnam(name);
    if (!user)
        text_appendf(missing, "%s%s", missing->len > 0 ? " and " : "", name);
    return user && user->pw_uid != 0 ? user : NULL;
}

/* Once for both. */
static void tell_missing(struct text *missing, struct text *notes)
{
    if (missing->len > 0)
        text_appendf(notes,
                     "what faces the network, or has the keys of the sources, goes on as root, as "
                     "there is no user %s; make one with useradd --system --user-group "
                     "--no-create-home NAME, or name another one, or root, with --user and "
                     "--discovery-user\n",
                     text_str(missing));
    text_fini(missing);
}

/* ---- the engine's socket --------------------------------------------------------------------- */

static bool find_socket(const char *path, struct stat *status)
{
    return stat(path, status) == 0 && S_ISSOCK(status->st_mode);
}

/* Where the settings do not name it, it is at the usual places. */
static bool find_engine(const struct config *config, struct stat *status)
{
    const char *named = config->docker_endpoint ? config->docker_endpoint : config->swarm_endpoint;
    if (named && named[0] != '\0')
        return strncmp(named, UNIX_URL, strlen(UNIX_URL)) == 0 &&
               find_socket(named + strlen(UNIX_URL), status);
    return find_socket("/var/run/docker.sock", status) || find_socket("/tmp/docker.sock", status);
}

static bool wants_engine(const struct config *config)
{
    return (config->sources & (CONFIG_SOURCE_DOCKER | CONFIG_SOURCE_SWARM)) != 0;
}

/* False: only root can reach it. */
static bool find_group(const struct config *config, struct channel_place *place)
{
    struct stat status;
    const struct group *docker = getgrnam("docker");
    gid_t gid = docker ? docker->gr_gid : 0;
    if (!wants_engine(config))
        return true;
    if (find_engine(config, &status)) {
        if ((status.st_mode & S_IWOTH) || status.st_uid == place->discovery_uid)
            return true;
        gid = status.st_mode & S_IWGRP ? status.st_gid : 0;
        if (gid == 0)
            return false;
    }
    if (gid != 0 && gid != place->discovery_gid)
        place->discovery_groups[place->discovery_group_count++] = gid;
    return true;
}

static void find_discovery(const struct config *config, struct channel_place *place,
                           struct text *missing, struct text *notes)
{
    if ((config->sources & CONFIG_SOURCE_STATIC) || config_socket_of(config->discovery_program))
        return;
    const struct passwd *user = find_user(config->discovery_user, missing);
    if (!user)
        return;
    place->discovery_uid = user->pw_uid;
    place->discovery_gid = user->pw_gid;
    place->has_discovery_user = find_group(config, place);
    if (!place->has_discovery_user)
        text_appendf(notes,
                     "the engine's socket lets in no group but root's, so lb-discovery goes on as "
                     "root; give the socket to a group of its own (groupadd docker), or say "
                     "--discovery-user root\n");
}

/* Root of a container may have been left without the right to become somebody else. */
static bool may_change_user(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    uint32_t wanted = 1u << CAP_SETUID | 1u << CAP_SETGID;
    return geteuid() == 0 && syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & wanted) == wanted;
}

void privilege_find(struct privilege *privilege, const struct config *config,
                    struct channel_place *place, struct text *notes)
{
    struct text missing = TEXT_INIT;
    *privilege =
        (struct privilege){.reads_all = confine_reads_keys(config) && jail_powers_read_all()};
    place->proxy_uid = geteuid();
    place->proxy_gid = getegid();
    if (!may_change_user())
        return;
    const struct passwd *user = find_user(config->user, &missing);
    if (user) {
        privilege->is_to_drop = true;
        privilege->uid = user->pw_uid;
        privilege->gid = user->pw_gid;
        place->proxy_uid = user->pw_uid;
        place->proxy_gid = user->pw_gid;
    }
    find_discovery(config, place, &missing, notes);
    tell_missing(&missing, notes);
}

/* ---- becoming it ----------------------------------------------------------------------------- */

/* Who stays what it is may have been given it all the same (AmbientCapabilities of systemd). */
static int settle_reading(const struct privilege *privilege)
{
    if (geteuid() == 0)
        return 0;
    return privilege->reads_all ? jail_powers_keep_reading() : jail_powers_stop_reading();
}

int privilege_drop(const struct privilege *privilege)
{
    uid_t uid = privilege->uid;
    gid_t gid = privilege->gid;
    if (!privilege->is_to_drop)
        return settle_reading(privilege);
    if (privilege->reads_all && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return -errno;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return -errno;
    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    int rc = settle_reading(privilege);
    if (rc < 0)
        return rc;
    return setresuid(0, 0, 0) == 0 || geteuid() != uid || getegid() != gid ? -EPERM : 0;
}

static void check(const char *flag, const char *path, bool is_replaced, struct text *notes)
{
    char *copy = memory_copy(path, strlen(path));
    const char *place = !is_replaced && access(path, F_OK) == 0 ? path : dirname(copy);
    if (access(place, W_OK) < 0)
        text_appendf(notes, "%s %s: user %u cannot write there: %s; chown %s, or say --user root\n",
                     flag, path, (unsigned)geteuid(), strerror(errno), place);
    free(copy);
}

void privilege_check_files(const struct privilege *privilege, const struct config *config,
                           struct text *notes)
{
    const char *log = config->access_log;
    if (!privilege->is_to_drop)
        return;
    if (config->state_path)
        check("--state", config->state_path, true, notes);
    if (log && strcmp(log, "-") != 0 && strcmp(log, "off") != 0)
        check("--access-log", log, false, notes);
}
