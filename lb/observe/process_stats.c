#include "lb/observe/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/view.h"

#define SECOND_NS UINT64_C(1000000000)

/* Fields of /proc/self/stat after the program's name, counted from 0 (proc(5)). */
enum { FIELD_THREADS = 17, FIELD_START = 19, FIELD_VIRTUAL = 20, FIELD_RESIDENT = 21 };

static bool read_stat(char *bytes, size_t size)
{
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, bytes, size - 1);
    if (fd >= 0)
        close(fd);
    bytes[len > 0 ? len : 0] = '\0';
    return len > 0;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

/* From seconds since boot. Rounded, so that two readings agree. */
static uint64_t to_wall_s(uint64_t since_boot_s)
{
    uint64_t boot_ns = clock_wall_ns() - clock_ns(CLOCK_BOOTTIME);
    return (boot_ns + SECOND_NS / 2) / SECOND_NS + since_boot_s;
}

static void read_fields(struct process_stats *stats)
{
    char bytes[2048];
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
    if (!read_stat(bytes, sizeof(bytes)))
        return;
    const char *name_end = strrchr(bytes, ')'); /* a name may hold spaces and brackets */
    struct view rest = view_str(name_end ? name_end + 2 : "");
    for (unsigned i = 0; rest.len > 0; i++) {
        uint64_t value = 0;
        view_parse_u64(view_cut(&rest, ' '), UINT64_MAX, &value);
        if (i == FIELD_THREADS)
            stats->thread_count = value;
        else if (i == FIELD_VIRTUAL)
            stats->virtual_bytes = value;
        else if (i == FIELD_RESIDENT)
            stats->resident_bytes = value * (uint64_t)sysconf(_SC_PAGESIZE);
        else if (i == FIELD_START)
            stats->start_wall_s = to_wall_s(value / ticks);
    }
}

static uint64_t count_descriptors(void)
{
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* without the one that looks */
}

struct process_stats process_stats_read(void)
{
    struct process_stats stats = {.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        stats.max_fd_count = limit.rlim_cur;
    read_fields(&stats);
    stats.open_fd_count = count_descriptors();
    return stats;
}
