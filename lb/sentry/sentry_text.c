#include "lb/sentry/sentry_text.h"

#include "lb/base/bounds.h"

#define NAME_BYTES_MAX 200u

struct view sentry_text_cut(struct view foreign, size_t bytes_max)
{
    ptrdiff_t nul = view_find(foreign, '\0');
    if (nul >= 0)
        foreign.len = (size_t)nul;
    if (foreign.len <= bytes_max)
        return foreign;
    size_t end = bytes_max;
    while (end > 0 && bytes_max - end < 3 && ((unsigned char)foreign.ptr[end] & 0xC0) == 0x80)
        end--;
    return view_of(foreign.ptr, end);
}

void sentry_text_field(struct json_writer *json, const char *key, struct view foreign,
                       size_t bytes_max)
{
    struct view value = sentry_text_cut(foreign, bytes_max);
    if (value.len == 0)
        return;
    json_writer_key(json, key);
    json_writer_string(json, value);
}

void sentry_text_pair(struct json_writer *json, struct view name, size_t name_bytes_max,
                      struct view value, size_t value_bytes_max)
{
    char key[NAME_BYTES_MAX + 1];
    bounds_hold(name_bytes_max <= NAME_BYTES_MAX);
    struct view cut = sentry_text_cut(name, name_bytes_max);
    if (cut.len == 0)
        return;
    memcpy(key, cut.ptr, cut.len);
    key[cut.len] = '\0';
    sentry_text_field(json, key, value, value_bytes_max);
}
