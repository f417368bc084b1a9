#include "lb/config/config_socket.h"

#include "lb/config/config_string.h"

#define PREFIX VIEW(CONFIG_SOCKET_PREFIX)

const char *config_socket_check(struct view path)
{
    const char *wrong = config_string_check(path);
    if (wrong)
        return wrong;
    if (path.ptr[0] != '/')
        return "does not begin with /";
    if (path.len > CONFIG_SOCKET_MAX_LEN)
        return "is longer than the 107 bytes that the path of a socket can have";
    return path.ptr[path.len - 1] == '/' ? "is a folder" : NULL;
}

const char *config_socket_of(const char *discovery)
{
    return view_starts_with(view_str(discovery), PREFIX) ? discovery + PREFIX.len : NULL;
}
