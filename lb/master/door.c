#include "lb/master/door.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lb/base/log.h"

#define BACKLOG 8

static void set_name(struct sockaddr_un *name, const char *path)
{
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(name->sun_path, sizeof(name->sun_path), "%s", path);
}

int door_knock(const char *path, int type)
{
    struct sockaddr_un name;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    set_name(&name, path);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

/* A socket of a program that has ended. */
static int remove_stale(const char *path, int type)
{
    struct stat about;
    if (lstat(path, &about) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(about.st_mode))
        return -ENOTSOCK;
    int fd = door_knock(path, type);
    if (fd >= 0)
        close(fd);
    if (fd != -ECONNREFUSED && fd != -ENOENT)
        return -EADDRINUSE;
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int bind_and_listen(int fd, const char *path)
{
    struct sockaddr_un name;
    set_name(&name, path);
    mode_t before = umask(0177);
    int rc = bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 ? -errno : 0;
    umask(before);
    if (rc == 0 && listen(fd, BACKLOG) < 0)
        rc = -errno;
    return rc;
}

int door_open(struct door *door, const char *path)
{
    if (door->fd >= 0 && strcmp(door->path, path) == 0)
        return 0;
    door_close(door, 0);
    if (path[0] == '\0')
        return 0;
    int rc = remove_stale(path, door->type);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, door->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    rc = bind_and_listen(fd, path);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    door->fd = fd;
    snprintf(door->path, sizeof(door->path), "%s", path);
    return 0;
}

static uid_t owner_of_folder(const char *path)
{
    char folder[CHANNEL_PATH_BYTES];
    struct stat about;
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    return stat(slash ? folder : ".", &about) < 0 ? 0 : about.st_uid;
}

static int is_welcome(const struct door *door, int fd, uint32_t proxy_uid)
{
    struct ucred who;
    socklen_t size = sizeof(who);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        return 0;
    if (who.uid == 0 || who.uid == geteuid() || who.uid == proxy_uid ||
        who.uid == owner_of_folder(door->path))
        return 1;
    log_warn("user %u came to %s, and was sent away: only root, the users of lb and the owner "
             "of the folder may come",
             (unsigned)who.uid, door->path);
    return 0;
}

int door_accept(struct door *door, uint32_t proxy_uid)
{
    int fd = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
    if (is_welcome(door, fd, proxy_uid))
        return fd;
    close(fd);
    return -EACCES;
}

void door_close(struct door *door, int leaves_path)
{
    if (door->fd < 0)
        return;
    close(door->fd);
    if (!leaves_path)
        unlink(door->path);
    door->fd = -1;
    door->path[0] = '\0';
}
