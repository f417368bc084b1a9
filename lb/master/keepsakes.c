#include "lb/master/keepsakes.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* More than a worker can have at once: what stands there was written by a process that has crashed. */
#define RUNNING_MAX (1u << 20)

/* A line has 16 MiB at the most. */
#define COPIED_BYTES_MAX (64 << 20)

static const char *const names[CHANNEL_KEEPSAKE_COUNT] = {
    [CHANNEL_WORLD] = "lb-world",          [CHANNEL_ORDERS] = "lb-orders",
    [CHANNEL_GAUGES] = "lb-gauges",        [CHANNEL_CRASH] = "lb-crash",
    [CHANNEL_COUNTS] = "lb-report-counts", [CHANNEL_OUTBOX] = "lb-outbox",
};

void keepsakes_init(struct keepsakes *keepsakes)
{
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        keepsakes->fds[i] = -1;
}

static int make(unsigned which)
{
    int fd = memfd_create(names[which], MFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int keepsakes_open(struct keepsakes *keepsakes)
{
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++) {
        if (keepsakes->fds[i] >= 0)
            continue;
        int fd = make(i);
        if (fd < 0)
            return fd;
        keepsakes->fds[i] = fd;
    }
    return 0;
}

static void put(struct keepsakes *keepsakes, unsigned which, int fd)
{
    if (keepsakes->fds[which] >= 0)
        close(keepsakes->fds[which]);
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

static void copy(int from, int to)
{
    char piece[4096];
    off_t at = 0;
    ssize_t got;
    if (ftruncate(to, 0) < 0)
        return;
    while (at < COPIED_BYTES_MAX && (got = pread(from, piece, sizeof(piece), at)) > 0 &&
           pwrite(to, piece, (size_t)got, at) == got)
        at += got;
}

void keepsakes_copy(struct keepsakes *keepsakes, const int others[CHANNEL_KEEPSAKE_COUNT])
{
    copy(others[CHANNEL_WORLD], keepsakes->fds[CHANNEL_WORLD]);
    copy(others[CHANNEL_ORDERS], keepsakes->fds[CHANNEL_ORDERS]);
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
