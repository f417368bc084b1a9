#include "discovery/clean.h"

#include "lb/base/memory.h"

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

char *clean_copy(struct view bytes, size_t max_bytes)
{
    if (bytes.len > max_bytes) {
        bytes.len = max_bytes;
        while (bytes.len > 0 && ((unsigned char)bytes.ptr[bytes.len] & 0xC0) == 0x80)
            bytes.len--;
    }
    char *copy = memory_copy(bytes.ptr, bytes.len);
    for (size_t i = 0; i < bytes.len; i++)
        if (is_control(copy[i]))
            copy[i] = '?';
    return copy;
}

bool clean_is_clean(struct view bytes, size_t max_bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (is_control(bytes.ptr[i]))
            return false;
    return bytes.len <= max_bytes;
}
