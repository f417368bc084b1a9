#include "lb/master/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

static int set_groups(const struct channel_place *place)
{
    gid_t groups[CHANNEL_GROUPS_MAX];
    for (uint32_t i = 0; i < place->discovery_group_count; i++)
        groups[i] = place->discovery_groups[i];
    return setgroups(place->discovery_group_count, groups) < 0 ? -errno : 0;
}

/* Real, effective and saved, none of which leads back. */
static bool has_become(uid_t uid, gid_t gid)
{
    uid_t uids[3];
    gid_t gids[3];
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || getresgid(&gids[0], &gids[1], &gids[2]) < 0)
        return false;
    for (unsigned i = 0; i < 3; i++)
        if (uids[i] != uid || gids[i] != gid)
            return false;
    return setuid(0) < 0;
}

static int become(uid_t uid, gid_t gid)
{
    if (setgid(gid) < 0 || setuid(uid) < 0)
        return -errno;
    return has_become(uid, gid) ? 0 : -EPERM;
}

int privilege_become_discovery(const struct channel_place *place)
{
    if (!place->has_discovery_user || geteuid() != 0)
        return 0;
    if (place->discovery_uid == 0 || place->discovery_group_count > CHANNEL_GROUPS_MAX)
        return -EINVAL;
    int rc = set_groups(place);
    return rc < 0 ? rc : become(place->discovery_uid, place->discovery_gid);
}

int privilege_become_proxy(const struct channel_place *place)
{
    if (place->proxy_uid == 0 || geteuid() != 0)
        return 0;
    return setgroups(0, NULL) < 0 ? -errno : become(place->proxy_uid, place->proxy_gid);
}

/* Of a kernel that has none of it nothing is left either. */
void privilege_leave_reading(void)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_DAC_READ_SEARCH, 0, 0);
}
