#include "lb/report/counts.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

struct report_counts *counts_open(int fd)
{
    struct stat status;
    struct report_counts *counts = MAP_FAILED;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size >= (off_t)sizeof(*counts))
        counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (counts == MAP_FAILED)
        counts = memory_new(sizeof(*counts));
    counts->gelf_waiting = 0;
    counts->sentry_waiting = 0;
    counts->sentry_limited_until_ns = 0;
    atomic_fetch_add(&counts->start_count, 1);
    return counts;
}

void counts_tell_error(struct report_counts *counts, const char *sentence)
{
    snprintf(counts->last_error, sizeof(counts->last_error), "%s", sentence);
    counts->last_error_ns = clock_wall_ns();
}
