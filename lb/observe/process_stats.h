/* What the kernel tells about this process. */
#ifndef LB_OBSERVE_PROCESS_STATS_H
#define LB_OBSERVE_PROCESS_STATS_H

#include <stdint.h>

struct process_stats {
    uint64_t cpu_ns;
    uint64_t start_wall_s; /* since 1970 */
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t thread_count;
    uint64_t open_fd_count;
    uint64_t max_fd_count;
};

/* Reads /proc; what cannot be read is 0. Thread: any. */
struct process_stats process_stats_read(void);

#endif
