/* lb, the master, is measured by nobody and its clock goes as ever: what is preloaded lets it alone, and is handed on to
 * the proxy processes, which it starts with its own environment. */
#ifndef TESTS_GUARD_MASTER_H
#define TESTS_GUARD_MASTER_H

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static inline bool is_master(void)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    return len > 3 && memcmp(path + len - 3, "/lb", 3) == 0;
}

#endif
