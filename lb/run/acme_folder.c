#include "lb/run/acme_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Parents are for all to see, the folder itself for its owner. */
static int make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int rc = mkdir(path, 0755);
        *slash = '/';
        if (rc < 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static int make(char *path, uid_t uid, gid_t gid)
{
    int rc = make_parents(path);
    if (rc < 0 || (mkdir(path, 0700) < 0 && errno != EEXIST))
        return rc < 0 ? rc : -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = uid != (uid_t)-1 && fchown(fd, uid, gid) < 0 ? -errno : 0;
    close(fd);
    return rc;
}

void acme_folder_make(const struct config *config, uid_t uid, gid_t gid, struct text *notes)
{
    char path[PATH_MAX];
    struct stat status;
    if (!config->acme.email || stat(config->acme.folder, &status) == 0)
        return;
    int len = snprintf(path, sizeof(path), "%s", config->acme.folder);
    int rc = len > 0 && (size_t)len < sizeof(path) ? make(path, uid, gid) : -ENAMETOOLONG;
    if (rc < 0)
        text_appendf(notes, "--acme-dir: %s cannot be made: %s; make it, for the user of --user\n",
                     config->acme.folder, strerror(-rc));
}
