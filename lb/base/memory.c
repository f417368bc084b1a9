#include "lb/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16

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

void *memory_make_room(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity > 0 ? *capacity * 2 : FIRST_CAPACITY;
    return memory_resize(items, *capacity * item_bytes);
}

char *memory_copy(const char *bytes, size_t len)
{
    char *copy = memory_new(len + 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}
