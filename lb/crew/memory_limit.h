/* How much memory lb may use, as its control groups say (version 1 or 2). */
#ifndef LB_CREW_MEMORY_LIMIT_H
#define LB_CREW_MEMORY_LIMIT_H

#include <stdint.h>

#define MEMORY_LIMIT_NONE UINT64_MAX

/* The least limit of its group and those around it. MEMORY_LIMIT_NONE: there is none, or it cannot be
 * read. */
uint64_t memory_limit_bytes(void);

/* The same of a tree that looks like /sys/fs/cgroup, for a process in group `path` ("/a/b"). */
uint64_t memory_limit_in(const char *tree, const char *path);

#endif
