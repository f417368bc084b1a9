/* Preloaded into lb, for its proxy process: counts allocations, and the clock calls that lb's own code makes (libuv asks
 * once or twice in each turn of its loop). The counts lie in the file that LB_COUNT_CALLS names, as
 * two 64-bit numbers that a test may read at any time. The clock is no system call where the kernel
 * maps it into the process, so strace alone would not see it. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/guard/master.h"

struct counts {
    _Atomic uint64_t allocations;
    _Atomic uint64_t clock_calls;
};

/* glibc's own names for what is stood in for here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct counts unseen; /* until the file is there */
static struct counts *counts = &unseen;
static uintptr_t code_start, code_end; /* of the program itself, without libraries */
static int (*next_clock_gettime)(clockid_t, struct timespec *);
static int (*next_gettimeofday)(struct timeval *, void *);
static time_t (*next_time)(time_t *);

/* The first object is the program. */
static int note_code(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            code_start = info->dlpi_addr + part->p_vaddr;
            code_end = code_start + part->p_memsz;
        }
    }
    return 1;
}

/* ISO C does not let an object pointer become a function pointer. */
static void find_next(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(function, &symbol, sizeof(symbol));
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("LB_COUNT_CALLS");
    int fd = path && !is_master() ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    dl_iterate_phdr(note_code, NULL);
    find_next("clock_gettime", &next_clock_gettime);
    find_next("gettimeofday", &next_gettimeofday);
    find_next("time", &next_time);
    if (fd < 0 || ftruncate(fd, sizeof(*counts)) < 0)
        return;
    void *shared = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED)
        counts = shared;
    close(fd);
    unsetenv("LD_PRELOAD"); /* children count for themselves alone */
}

static void note_allocation(void)
{
    atomic_fetch_add_explicit(&counts->allocations, 1, memory_order_relaxed);
}

static void note_clock(const void *caller)
{
    if ((uintptr_t)caller >= code_start && (uintptr_t)caller < code_end)
        atomic_fetch_add_explicit(&counts->clock_calls, 1, memory_order_relaxed);
}

void *malloc(size_t size)
{
    note_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    note_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    note_allocation();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    note_allocation();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    note_allocation();
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    note_clock(__builtin_return_address(0));
    return next_clock_gettime ? next_clock_gettime(id, out) : -1;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    note_clock(__builtin_return_address(0));
    return next_gettimeofday(out, zone);
}

time_t time(time_t *out)
{
    note_clock(__builtin_return_address(0));
    return next_time(out);
}
