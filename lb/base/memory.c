#include "lb/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *memory, size_t size)
{
    if (!memory) {
        fprintf(stderr, "out of memory: %zu bytes wanted\n", size);
        abort();
    }
    return memory;
}

void *memory_new(size_t size)
{
    return or_die(calloc(1, size ? size : 1), size);
}

void *memory_resize(void *old, size_t size)
{
    return or_die(realloc(old, size ? size : 1), size);
}

char *memory_copy(const char *bytes, size_t len)
{
    char *copy = memory_new(len + 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}
