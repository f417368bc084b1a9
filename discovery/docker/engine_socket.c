#include "discovery/docker/engine_socket.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static bool is_socket(const char *endpoint)
{
    struct stat st;
    return stat(endpoint + strlen("unix://"), &st) == 0 && S_ISSOCK(st.st_mode);
}

const char *engine_socket_choose(const char *const endpoints[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_socket(endpoints[i]))
            return endpoints[i];
    return endpoints[0];
}

const char *engine_socket_find(void)
{
    static const char *const usual[] = {"unix:///var/run/docker.sock", "unix:///tmp/docker.sock"};
    return engine_socket_choose(usual, sizeof(usual) / sizeof(usual[0]));
}
