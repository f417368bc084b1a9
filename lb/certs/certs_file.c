#include "lb/certs/certs_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/memory.h"

static int64_t ns_of(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct certs_stamp stamp_of(const struct stat *stat)
{
    return (struct certs_stamp){.device = stat->st_dev,
                                .inode = stat->st_ino,
                                .size = (uint64_t)stat->st_size,
                                .modified_ns = ns_of(stat->st_mtim),
                                .changed_ns = ns_of(stat->st_ctim)};
}

struct certs_stamp certs_file_look(const char *path)
{
    struct stat facts;
    if (!path)
        return (struct certs_stamp){0};
    if (stat(path, &facts) < 0)
        return (struct certs_stamp){.error = errno};
    return stamp_of(&facts);
}

bool certs_file_is_same(const struct certs_stamp *one, const struct certs_stamp *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->modified_ns == other->modified_ns && one->changed_ns == other->changed_ns &&
           one->error == other->error;
}

static bool fail(int error)
{
    errno = error;
    return false;
}

/* One byte more than there should be, to see its end. */
static bool read_all(int fd, size_t room, struct certs_bytes *out)
{
    out->bytes = memory_new(room);
    out->len = 0;
    for (ssize_t got = 1; got > 0 && out->len < room;) {
        got = read(fd, out->bytes + out->len, room - out->len);
        if (got < 0 && errno != EINTR)
            return false;
        out->len += got > 0 ? (size_t)got : 0;
        got = got < 0 ? 1 : got;
    }
    return out->len < room || fail(ESTALE);
}

static bool read_open(int fd, size_t bytes_max, struct certs_bytes *out, struct certs_stamp *stamp)
{
    struct stat before, after;
    if (fstat(fd, &before) < 0)
        return false;
    if (!S_ISREG(before.st_mode))
        return fail(EISDIR);
    if (before.st_size < 0 || (uint64_t)before.st_size > bytes_max)
        return fail(EFBIG);
    if (!read_all(fd, (size_t)before.st_size + 1, out) || fstat(fd, &after) < 0)
        return false;
    struct certs_stamp first = stamp_of(&before);
    *stamp = stamp_of(&after);
    return (certs_file_is_same(&first, stamp) && out->len == (size_t)after.st_size) || fail(ESTALE);
}

bool certs_file_read(const char *path, size_t bytes_max, struct certs_bytes *out,
                     struct certs_stamp *stamp)
{
    *out = (struct certs_bytes){0};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_read = read_open(fd, bytes_max, out, stamp);
    int error = errno;
    close(fd);
    if (!is_read)
        certs_file_drop(out);
    errno = error;
    return is_read;
}

void certs_file_drop(struct certs_bytes *bytes)
{
    if (bytes->bytes)
        explicit_bzero(bytes->bytes, bytes->len);
    free(bytes->bytes);
    *bytes = (struct certs_bytes){0};
}
