#include "lb/net/splice.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/memory.h"

/* A pipe has a slot for each 4 KiB, and a socket's bytes come in up to 32 KiB for a slot. Fewer
 * than these are what the kernel gives to those who have too many pipes. */
#define PIPE_BYTES_MIN 65536

#define COPY_BYTES 16384u /* at a time, where bytes have to be copied into a pipe */

static void count_held(struct splice *tube, ssize_t more)
{
    tube->len += (size_t)more;
    if (tube->pool->held_bytes)
        *tube->pool->held_bytes += (size_t)more;
}

static void close_pipe(struct splice_pool *pool, struct splice *tube)
{
    close(tube->read_fd);
    close(tube->write_fd);
    free(tube);
    pool->count--;
}

void splice_pool_fini(struct splice_pool *pool)
{
    assert(pool->count == pool->kept_count);
    while (pool->kept) {
        struct splice *tube = pool->kept;
        pool->kept = tube->next;
        close_pipe(pool, tube);
    }
    pool->kept_count = 0;
}

static struct splice *open_pipe(struct splice_pool *pool)
{
    int ends[2];
    if (pool->count >= pool->max_count || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
        return NULL;
    struct splice *tube = memory_new(sizeof(*tube));
    tube->read_fd = ends[0];
    tube->write_fd = ends[1];
    pool->count++;
    if (fcntl(tube->write_fd, F_SETPIPE_SZ, (int)SPLICE_PIPE_BYTES) >= 0 ||
        fcntl(tube->write_fd, F_GETPIPE_SZ) >= PIPE_BYTES_MIN)
        return tube;
    close_pipe(pool, tube);
    return NULL;
}

struct splice *splice_take(struct splice_pool *pool, uint64_t left)
{
    struct splice *tube = pool->kept;
    if (tube) {
        pool->kept = tube->next;
        pool->kept_count--;
    } else {
        tube = open_pipe(pool);
    }
    if (tube) {
        tube->pool = pool;
        tube->len = 0;
        tube->left = left;
    }
    return tube;
}

void splice_give(struct splice_pool *pool, struct splice *tube)
{
    if (!tube)
        return;
    bool is_clean = tube->len == 0;
    count_held(tube, -(ssize_t)tube->len);
    if (!is_clean || pool->kept_count == SPLICE_KEPT_MAX) {
        close_pipe(pool, tube);
        return;
    }
    tube->next = pool->kept;
    pool->kept = tube;
    pool->kept_count++;
}

static ssize_t move(int from, int to, size_t len)
{
    ssize_t count;
    do
        count = splice(from, NULL, to, NULL, len, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

/* The kernel lacks memory for it, or it or a sandbox does not know how: nothing is wrong with the
 * connection, whose bytes are then copied. */
static bool is_refused(ssize_t status)
{
    return status == -ENOMEM || status == -ENOBUFS || status == -EINVAL || status == -ENOSYS ||
           status == -EPERM;
}

/* It moves nothing across an urgent byte, and says the same where nothing is there, or where it is the end: only
 * a read passes it by and tells. */
static bool is_in_doubt(ssize_t status)
{
    return status == -EAGAIN || status == 0;
}

/* Takes from the socket only what the pipe has taken. */
static ssize_t copy_in(int fd, int pipe, size_t most)
{
    __attribute__((uninitialized)) char bytes[COPY_BYTES]; /* read as far as it is filled */
    ssize_t count = recv(fd, bytes, most < COPY_BYTES ? most : COPY_BYTES, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0)
        count = write(pipe, bytes, (size_t)count);
    if (count > 0)
        count = recv(fd, bytes, (size_t)count, MSG_DONTWAIT);
    return count < 0 ? -errno : count;
}

ssize_t splice_fill(struct splice *tube, int fd, size_t most)
{
    assert(tube->len == 0 && tube->left > 0);
    if (most > SPLICE_PIPE_BYTES)
        most = SPLICE_PIPE_BYTES;
    if (most > tube->left)
        most = (size_t)tube->left;
    ssize_t count = move(fd, tube->write_fd, most);
    if (is_refused(count) || is_in_doubt(count))
        count = copy_in(fd, tube->write_fd, most);
    if (count > 0) {
        count_held(tube, count);
        tube->left -= (uint64_t)count;
    }
    return count;
}

ssize_t splice_empty(struct splice *tube, int fd)
{
    ssize_t count = move(tube->read_fd, fd, tube->len);
    if (count > 0)
        count_held(tube, -count);
    return is_refused(count) ? -EAGAIN : count; /* splice_read gives them too */
}

ssize_t splice_read(struct splice *tube, char *bytes, size_t len)
{
    ssize_t count = read(tube->read_fd, bytes, len < tube->len ? len : tube->len);
    if (count < 0)
        return -errno;
    count_held(tube, -count);
    return count;
}
