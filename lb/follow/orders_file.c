#include "lb/follow/orders_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/follow/orders_text.h"

#define FILE_BYTES_MAX ((size_t)16 << 20)
#define NOT_REGULAR    "it is no regular file"

/* ---- reading --------------------------------------------------------------------------------- */

static bool refuse(struct text *problem, const char *path, const char *what)
{
    text_appendf(problem, "--state %s: %s", path, what);
    return false;
}

/* All of the file. False with errno; EFBIG and EINVAL for what cannot be one of ours. */
static bool read_all(int fd, struct text *out)
{
    char bytes[65536];
    struct stat status;
    ssize_t count;
    if (fstat(fd, &status) < 0)
        return false;
    errno = EINVAL;
    if (!S_ISREG(status.st_mode))
        return false;
    while ((count = read(fd, bytes, sizeof(bytes))) > 0) {
        text_append(out, view_of(bytes, (size_t)count));
        errno = EFBIG;
        if (out->len > FILE_BYTES_MAX)
            return false;
    }
    return count == 0;
}

static bool parse(const char *path, const struct text *bytes, struct orders *orders,
                  struct text *problem)
{
    struct text wrong = TEXT_INIT;
    bool is_good = orders_text_read(text_view(bytes), orders, &wrong);
    if (!is_good)
        refuse(problem, path, text_str(&wrong));
    text_fini(&wrong);
    return is_good;
}

bool orders_file_read(const char *path, struct orders *orders, struct text *problem)
{
    struct text bytes = TEXT_INIT;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return true;
    bool is_good = fd >= 0 && read_all(fd, &bytes);
    bool is_regular = is_good || errno != EINVAL;
    if (!is_good)
        refuse(problem, path, is_regular ? strerror(errno) : NOT_REGULAR);
    if (fd >= 0)
        close(fd);
    is_good = is_good && parse(path, &bytes, orders, problem);
    text_fini(&bytes);
    if (!is_good)
        text_append(problem,
                    is_regular ? VIEW("; no order of it is in force, and the next one replaces it")
                               : VIEW("; orders will not be kept: name a file of lb's own"));
    return is_good;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool write_all(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR)
            return false;
        bytes = view_skip(bytes, count > 0 ? (size_t)count : 0);
    }
    return fsync(fd) == 0;
}

static bool write_file(const char *path, struct view bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_good = write_all(fd, bytes);
    int error = errno;
    close(fd);
    errno = error;
    return is_good;
}

/* So that the new name is on the disk too. A file system that cannot do it has done what it can. */
static void sync_folder(const char *path)
{
    struct text folder = TEXT_INIT;
    const char *slash = strrchr(path, '/');
    text_append(&folder, slash ? view_of(path, (size_t)(slash - path) + 1) : VIEW("."));
    int fd = open(text_str(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    text_fini(&folder);
}

/* A link may lead to where nothing is yet. */
static void make_end_of_link(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 || lstat(path, &status) < 0)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

/* What is replaced: where links lead to, and nothing but a regular file. A device or a pipe under
 * that name is somebody else's, and root could replace it. False with errno. */
static bool find_target(const char *path, struct text *target)
{
    struct stat status;
    make_end_of_link(path);
    char *real = realpath(path, NULL);
    if (!real && errno != ENOENT)
        return false;
    text_append(target, view_str(real ? real : path));
    free(real);
    if (stat(path, &status) < 0)
        return errno == ENOENT;
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    return S_ISREG(status.st_mode);
}

static bool replace(const char *path, struct view bytes)
{
    struct text beside = TEXT_INIT;
    text_appendf(&beside, "%s.new", path);
    bool is_good = write_file(text_str(&beside), bytes) && rename(text_str(&beside), path) == 0;
    if (is_good)
        sync_folder(path);
    text_fini(&beside);
    return is_good;
}

bool orders_file_write(const char *path, const struct orders *orders, struct text *problem)
{
    struct text bytes = TEXT_INIT, target = TEXT_INIT;
    orders_text_write(orders, &bytes);
    bool is_good = find_target(path, &target) && replace(text_str(&target), text_view(&bytes));
    if (!is_good)
        text_appendf(problem,
                     "--state %s: %s; orders hold, but not when lb is started again: lb must be "
                     "able to write in that folder",
                     path, errno == EINVAL ? NOT_REGULAR : strerror(errno));
    text_fini(&bytes);
    text_fini(&target);
    return is_good;
}
