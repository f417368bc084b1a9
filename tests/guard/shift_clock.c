/* Preloaded into a program: its monotonic clock runs ahead by what the file that LB_SHIFT_CLOCK names
 * says, which a test may change at any time, so that a program which is held up for seconds costs a
 * test none. The file has two 64-bit numbers, in nanoseconds: the shift, and what each connect(2)
 * adds to it, as a call that takes long would. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/guard/master.h"

struct shift {
    _Atomic int64_t ns;
    _Atomic int64_t connect_ns;
};

static struct shift none;
static struct shift *shift = &none;
static int (*next_clock_gettime)(clockid_t, struct timespec *);
static int (*next_connect)(int, const struct sockaddr *, socklen_t);

/* ISO C does not let an object pointer become a function pointer. */
static void find_next(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(function, &symbol, sizeof(symbol));
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("LB_SHIFT_CLOCK");
    int fd = path && !is_master() ? open(path, O_RDWR | O_CLOEXEC) : -1;
    find_next("clock_gettime", &next_clock_gettime);
    find_next("connect", &next_connect);
    if (fd < 0)
        return;
    void *shared = mmap(NULL, sizeof(*shift), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED)
        shift = shared;
    close(fd);
    unsetenv("LD_PRELOAD"); /* children keep their own time */
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    int rc = next_clock_gettime ? next_clock_gettime(id, out) : -1;
    if (rc < 0 || (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE))
        return rc;
    int64_t ns = out->tv_nsec + atomic_load(&shift->ns);
    out->tv_sec += ns / 1000000000;
    out->tv_nsec = ns % 1000000000;
    return 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    atomic_fetch_add(&shift->ns, atomic_load(&shift->connect_ns));
    return next_connect(fd, address, len);
}
