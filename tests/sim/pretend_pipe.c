/* Pipes of pretend, for bodies that are spliced: what splice(2) moves between them and wires. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/pretend_uv.h"
#include "tests/sim/sim_check.h"

#define PIPE_FD    100000 /* the first; even numbers are for reading */
#define PIPES_MAX  16
#define PIPE_BYTES 262144u

int __wrap_pipe2(int *ends, int flags);
int __wrap_fcntl(int fd, int command, ...);
int __real_fcntl(int fd, int command, ...);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_splice(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags);

/* Rings would say the same. Those that were closed are not used again. */
static struct {
    size_t len;
    char bytes[PIPE_BYTES];
} pipes[PIPES_MAX];
static int pipe_count;

static ssize_t fail(int error)
{
    errno = error;
    return -1;
}

int __wrap_pipe2(int *ends, int flags)
{
    (void)flags;
    if (!pretend_uv.has_pipes)
        return (int)fail(EMFILE);
    int at = pipe_count++ % PIPES_MAX;
    pipes[at].len = 0;
    ends[0] = PIPE_FD + 2 * at;
    ends[1] = PIPE_FD + 2 * at + 1;
    return 0;
}

int __wrap_fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    long value = va_arg(args, long);
    va_end(args);
    return fd >= PIPE_FD ? (int)PIPE_BYTES : __real_fcntl(fd, command, value);
}

static void drop(int at, size_t len)
{
    pipes[at].len -= len;
    memmove(pipes[at].bytes, pipes[at].bytes + len, pipes[at].len);
}

ssize_t __wrap_read(int fd, void *bytes, size_t len)
{
    if (fd < PIPE_FD)
        return __real_read(fd, bytes, len);
    int at = (fd - PIPE_FD) / 2;
    len = len < pipes[at].len ? len : pipes[at].len;
    memcpy(bytes, pipes[at].bytes, len);
    drop(at, len);
    return (ssize_t)len;
}

static ssize_t fill(struct pretend_uv_wire *wire, int at, size_t len)
{
    size_t room = PIPE_BYTES - pipes[at].len;
    ssize_t count = pretend_uv_take(wire, pipes[at].bytes + pipes[at].len, len < room ? len : room);
    if (count < 0)
        return fail((int)-count);
    pipes[at].len += (size_t)count;
    return count;
}

static ssize_t empty(int at, struct pretend_uv_wire *wire, size_t len)
{
    uv_buf_t buf =
        uv_buf_init(pipes[at].bytes, (unsigned)(len < pipes[at].len ? len : pipes[at].len));
    SIM_CHECK(!wire->writing);
    int count = pretend_uv_put(wire, &buf, 1);
    if (count < 0)
        return fail(-count);
    drop(at, (size_t)count);
    return count;
}

ssize_t __wrap_splice(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags)
{
    SIM_CHECK(!from_at && !to_at && flags & SPLICE_F_NONBLOCK);
    if (from < PIPE_FD)
        return fill(pretend_uv_wire_at(from), (to - PIPE_FD) / 2, len);
    return empty((from - PIPE_FD) / 2, pretend_uv_wire_at(to), len);
}
