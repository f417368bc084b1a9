#include "discovery/clean.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/utf8.h"

/* Length of what is there and is one character or, if it is no UTF-8, one byte. */
static size_t length(struct view bytes, bool *is_good)
{
    size_t len = utf8_length(bytes);
    *is_good = len > 0 && !utf8_is_control(bytes, len);
    return len > 0 ? len : 1;
}

char *clean_copy(struct view bytes, size_t max_bytes)
{
    if (bytes.len > max_bytes) {
        bytes.len = max_bytes;
        while (bytes.len > 0 && ((unsigned char)bytes.ptr[bytes.len] & 0xC0) == 0x80)
            bytes.len--;
    }
    char *copy = memory_copy(bytes.ptr, bytes.len), *at = copy;
    bool is_good;
    for (size_t len; bytes.len > 0; bytes = view_skip(bytes, len)) {
        len = length(bytes, &is_good);
        if (is_good)
            memcpy(at, bytes.ptr, len);
        else
            *at = '?';
        at += is_good ? len : 1;
    }
    *at = '\0';
    return copy;
}

static bool is_gap(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *clean_sentence(struct view bytes, size_t max_bytes)
{
    char *flat = memory_copy(bytes.ptr, bytes.len), *cleaned;
    size_t len = 0;
    for (size_t i = 0; i < bytes.len && len <= max_bytes; i++)
        if (!is_gap(bytes.ptr[i]))
            flat[len++] = bytes.ptr[i];
        else if (len > 0 && flat[len - 1] != ' ')
            flat[len++] = ' ';
    while (len > 0 && flat[len - 1] == ' ')
        len--;
    cleaned = clean_copy(view_of(flat, len), max_bytes);
    free(flat);
    return cleaned;
}

bool clean_is_clean(struct view bytes, size_t max_bytes)
{
    bool is_good = bytes.len <= max_bytes;
    while (bytes.len > 0 && is_good)
        bytes = view_skip(bytes, length(bytes, &is_good));
    return is_good;
}
