#include "lb/master/keepsakes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/contract/report.h"

/* More than a worker can have at once: what stands there was written by a process that has crashed. */
#define RUNNING_MAX (1u << 20)

/* A line has 16 MiB at the most. */
#define COPIED_BYTES_MAX (64 << 20)

/* Of what waits for lb-report: seconds of an access log. The kernel has the last word. */
#define OUTBOX_BYTES (4 << 20)

#define COUNTS_BYTES 4096
#define COUNTS_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)
_Static_assert(sizeof(struct report_counts) <= COUNTS_BYTES, "it is one page");

static const char *const names[CHANNEL_KEEPSAKE_COUNT] = {
    [CHANNEL_WORLD] = "lb-world",          [CHANNEL_ORDERS] = "lb-orders",
    [CHANNEL_GAUGES] = "lb-gauges",        [CHANNEL_CRASH] = "lb-crash",
    [CHANNEL_COUNTS] = "lb-report-counts", [CHANNEL_WISHES] = "lb-wishes",
    [CHANNEL_ORDERED] = "lb-ordered",
};

void keepsakes_init(struct keepsakes *keepsakes)
{
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        keepsakes->fds[i] = keepsakes->others[i] = -1;
}

static int make(unsigned which)
{
    int fd = memfd_create(names[which], MFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* One page that keeps its size, whoever has it: who reads it by mmap(2) would crash where it were shorter. */
static int make_counts(void)
{
    int fd = memfd_create(names[CHANNEL_COUNTS], MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, COUNTS_BYTES) < 0 || fcntl(fd, F_ADD_SEALS, COUNTS_SEALS) < 0) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    return fd;
}

/* The same file, which cannot be written to by this one, where the kernel lets that be had. */
static int reader_of(int fd)
{
    char path[32];
    if (fd < 0)
        return fd;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    if (other < 0)
        other = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return other < 0 ? -errno : other;
}

/* What waits there is as much as the kernel lets it be. */
static int make_outbox(struct keepsakes *keepsakes)
{
    int ends[2], size = OUTBOX_BYTES;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    if (setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
        setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    keepsakes->others[CHANNEL_OUTBOX] = ends[0];
    return ends[1];
}

static int make_one(struct keepsakes *keepsakes, unsigned which)
{
    int *other = &keepsakes->others[which];
    int fd;
    switch (which) {
    case CHANNEL_COUNTS:
        *other = make_counts();
        return reader_of(*other);
    case CHANNEL_ORDERED:
        *other = make(which);
        return reader_of(*other);
    case CHANNEL_WISHES:
        fd = make(which);
        *other = reader_of(fd);
        return fd;
    case CHANNEL_OUTBOX:
        return make_outbox(keepsakes);
    default:
        return make(which);
    }
}

int keepsakes_open(struct keepsakes *keepsakes)
{
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++) {
        if (keepsakes->fds[i] >= 0)
            continue;
        int fd = make_one(keepsakes, i);
        if (fd < 0)
            return fd;
        keepsakes->fds[i] = fd;
    }
    return 0;
}

static bool is_shut(int inbox)
{
    struct pollfd wish = {.fd = inbox, .events = POLLRDHUP};
    return inbox >= 0 && poll(&wish, 1, 0) > 0 && (wish.revents & (POLLRDHUP | POLLHUP));
}

bool keepsakes_mend_outbox(struct keepsakes *keepsakes)
{
    struct keepsakes made;
    int inbox = keepsakes->others[CHANNEL_OUTBOX];
    if (!is_shut(inbox))
        return false;
    int outbox = make_outbox(&made);
    if (outbox < 0)
        return false;
    dup3(outbox, keepsakes->fds[CHANNEL_OUTBOX], O_CLOEXEC);
    dup3(made.others[CHANNEL_OUTBOX], inbox, O_CLOEXEC);
    close(outbox);
    close(made.others[CHANNEL_OUTBOX]);
    return true;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void keepsakes_close(struct keepsakes *keepsakes)
{
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++) {
        close_one(keepsakes->fds[i]);
        close_one(keepsakes->others[i]);
    }
    keepsakes_init(keepsakes);
}

static void put(struct keepsakes *keepsakes, unsigned which, int fd)
{
    close_one(keepsakes->fds[which]);
    keepsakes->fds[which] = fd;
}

int keepsakes_new_gauges(struct keepsakes *keepsakes)
{
    int fd = make(CHANNEL_GAUGES);
    if (fd < 0)
        return fd;
    if (ftruncate(fd, sizeof(struct channel_gauges)) < 0) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    put(keepsakes, CHANNEL_GAUGES, fd);
    return fd;
}

/* What nobody has written there takes no memory here either. */
static void copy(int from, int to)
{
    char piece[4096];
    off_t at = 0;
    ssize_t got;
    if (ftruncate(to, 0) < 0)
        return;
    while ((at = lseek(from, at, SEEK_DATA)) >= 0 && at < COPIED_BYTES_MAX &&
           (got = pread(from, piece, sizeof(piece), at)) > 0 &&
           pwrite(to, piece, (size_t)got, at) == got)
        at += got;
}

/* Who shows them reads meanwhile: the page is never shorter. */
static void copy_counts(int from, int to)
{
    char page[COUNTS_BYTES];
    ssize_t got = pread(from, page, sizeof(page), 0);
    if (got == (ssize_t)sizeof(page) && pwrite(to, page, sizeof(page), 0) < 0)
        return; /* it begins anew */
}

void keepsakes_copy(struct keepsakes *keepsakes, const int others[CHANNEL_KEEPSAKE_COUNT])
{
    copy(others[CHANNEL_WORLD], keepsakes->fds[CHANNEL_WORLD]);
    copy(others[CHANNEL_ORDERS], keepsakes->fds[CHANNEL_ORDERS]);
    copy(others[CHANNEL_WISHES], keepsakes->fds[CHANNEL_WISHES]);
    copy(others[CHANNEL_ORDERED], keepsakes->others[CHANNEL_ORDERED]);
    copy_counts(others[CHANNEL_COUNTS], keepsakes->others[CHANNEL_COUNTS]);
}

uint64_t keepsakes_sum(int gauges)
{
    uint32_t running[CHANNEL_WORKERS_MAX];
    uint64_t sum = 0;
    ssize_t got = gauges < 0 ? 0 : pread(gauges, running, sizeof(running), 0);
    for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(running[0]); i++)
        if (running[i] <= RUNNING_MAX) /* else it is no count */
            sum += running[i];
    return sum;
}
