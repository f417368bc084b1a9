#include "lb/observe/userinfo.h"

static bool ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#' || c == '\\' || c == ' ';
}

/* Length of the userinfo that `authority` begins with, up to the last "@" of it. */
static size_t userinfo_length(struct view authority)
{
    size_t len = 0;
    for (size_t i = 0; i < authority.len && !ends_authority(authority.ptr[i]); i++)
        if (authority.ptr[i] == '@')
            len = i;
    return len;
}

static size_t put(struct view bytes, char *buffer, size_t used, size_t size_bytes)
{
    if (bytes.len > size_bytes - used)
        bytes.len = size_bytes - used;
    memcpy(buffer + used, bytes.ptr, bytes.len);
    return used + bytes.len;
}

struct view userinfo_mask(struct view text, char *buffer, size_t size_bytes)
{
    struct view rest = text;
    size_t used = 0;
    if (view_find(text, '@') < 0)
        return text;
    for (const char *slashes; rest.len > 0; rest = view_skip(rest, 1)) {
        slashes = memmem(rest.ptr, rest.len, "//", 2);
        if (!slashes)
            break;
        size_t before = (size_t)(slashes - rest.ptr) + 2;
        used = put(view_of(rest.ptr, before), buffer, used, size_bytes);
        rest = view_skip(rest, before);
        size_t secret = userinfo_length(rest);
        if (secret > 0) {
            used = put(VIEW("***"), buffer, used, size_bytes);
            rest = view_skip(rest, secret);
        }
        if (rest.len == 0)
            break;
        used = put(view_of(rest.ptr, 1), buffer, used, size_bytes);
    }
    if (rest.len > 0)
        used = put(rest, buffer, used, size_bytes);
    return view_of(buffer, used);
}
