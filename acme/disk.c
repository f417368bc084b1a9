#include "acme/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OF_OVERLAY 0x794c7630
#define OF_TMPFS   0x01021994
#define OF_RAMFS   0x858458f6

bool disk_join(char out[DISK_PATH_BYTES], const char *folder, const char *name)
{
    int len = snprintf(out, DISK_PATH_BYTES, "%s/%s", folder, name);
    if (len > 0 && (size_t)len < DISK_PATH_BYTES)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static bool fill(int fd, size_t bytes_max, struct text *out)
{
    for (;;) {
        char *room = text_room(out, 4096);
        ssize_t count = read(fd, room, 4096);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count == 0;
        text_grow_to(out, room + count);
        if (out->len > bytes_max) {
            errno = EFBIG;
            return false;
        }
    }
}

bool disk_read(const char *path, size_t bytes_max, struct text *out)
{
    struct stat status;
    text_clear(out);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool is_good = fstat(fd, &status) == 0;
    if (is_good && !S_ISREG(status.st_mode)) {
        errno = EINVAL;
        is_good = false;
    }
    is_good = is_good && fill(fd, bytes_max, out);
    int error = errno;
    close(fd);
    errno = error;
    return is_good;
}

static bool put(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR)
            return false;
        bytes = view_skip(bytes, count > 0 ? (size_t)count : 0);
    }
    return fsync(fd) == 0;
}

static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

bool disk_write(const char *folder, const char *name, struct view bytes)
{
    char path[DISK_PATH_BYTES], made[DISK_PATH_BYTES], made_name[300];
    snprintf(made_name, sizeof(made_name), ".%.255s.new", name);
    if (!disk_join(path, folder, name) || !disk_join(made, folder, made_name))
        return false;
    unlink(made);
    int fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_good = put(fd, bytes) && rename(made, path) == 0;
    int error = errno;
    close(fd);
    if (is_good)
        sync_folder(folder);
    else
        unlink(made);
    errno = error;
    return is_good;
}

bool disk_make_folder(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0) {
        errno = S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
        return S_ISDIR(status.st_mode);
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

const char *disk_is_fleeting(const char *path)
{
    struct statfs status;
    if (statfs(path, &status) < 0)
        return NULL;
    switch ((unsigned long)status.f_type) {
    case OF_OVERLAY:
        return "a layer of a container, which ends with it";
    case OF_TMPFS:
    case OF_RAMFS:
        return "memory, which ends with the machine or the container";
    default:
        return NULL;
    }
}
