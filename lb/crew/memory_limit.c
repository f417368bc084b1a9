#include "lb/crew/memory_limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 4096

/* Version 1 says "no limit" by a number near this. */
#define HUGE_BYTES (UINT64_C(1) << 60)

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* "max", and a file that is not there, is no limit. */
static uint64_t read_limit(const char *tree, const char *controller, int path_len, const char *path,
                           const char *name)
{
    char file_path[PATH_BYTES + 64];
    uint64_t bytes = MEMORY_LIMIT_NONE;
    snprintf(file_path, sizeof(file_path), "%s%s%.*s/%s", tree, controller, path_len, path, name);
    FILE *file = fopen(file_path, "re");
    if (!file)
        return bytes;
    if (fscanf(file, "%" SCNu64, &bytes) != 1 || bytes >= HUGE_BYTES)
        bytes = MEMORY_LIMIT_NONE;
    fclose(file);
    return bytes;
}

uint64_t memory_limit_in(const char *tree, const char *path)
{
    uint64_t bytes = MEMORY_LIMIT_NONE;
    size_t len = strlen(path);
    for (;;) {
        while (len > 0 && path[len - 1] == '/')
            len--;
        bytes = least(bytes, read_limit(tree, "", (int)len, path, "memory.max"));
        bytes = least(bytes, read_limit(tree, "/memory", (int)len, path, "memory.limit_in_bytes"));
        if (len == 0)
            return bytes;
        while (len > 0 && path[len - 1] != '/')
            len--;
    }
}

/* A line of /proc/self/cgroup is "0::/path" or "N:memory:/path"; in a container, whose own tree
 * begins at its group, the path may lead nowhere, and the root of the tree is looked at as well. */
uint64_t memory_limit_bytes(void)
{
    static const char *const kinds[] = {"0::/", ":memory:/"};
    char line[PATH_BYTES];
    uint64_t bytes = MEMORY_LIMIT_NONE;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            const char *found = strstr(line, kinds[i]);
            if (found)
                bytes = least(bytes, memory_limit_in("/sys/fs/cgroup", strchr(found, '/')));
        }
    }
    if (file)
        fclose(file);
    return bytes;
}
