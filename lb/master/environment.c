#include "lb/master/environment.h"

#include <string.h>

#include "lb/contract/report.h"

static bool begins_with_one(const char *entry, const char *const *words)
{
    for (; *words; words++)
        if (strncmp(entry, *words, strlen(*words)) == 0)
            return true;
    return false;
}

bool environment_is_of_discovery(const char *entry)
{
    static const char *const words[] = {"CONSUL_", "DOCKER_", NULL};
    return begins_with_one(entry, words);
}

static bool is_between_masters(const char *entry)
{
    static const char *const words[] = {"LB_MASTER_", NULL};
    return begins_with_one(entry, words);
}

bool environment_is_of_master(const char *entry)
{
    static const char *const words[] = {
        "NOTIFY_SOCKET=", "LISTEN_PID=",          "LISTEN_FDS=", "LISTEN_FDNAMES=",
        "WATCHDOG_",      REPORT_ENVIRONMENT "=", NULL};
    return is_between_masters(entry) || begins_with_one(entry, words);
}

static bool is_for_proxy(const char *entry)
{
    static const char *const words[] = {"UV_USE_IO_URING=", NULL};
    return !environment_is_of_discovery(entry) && !environment_is_of_master(entry) &&
           !begins_with_one(entry, words);
}

size_t environment_of_proxy(char *const *from, char **out, size_t room)
{
    static char fd[] = "LB_MASTER_FD=3", io_uring[] = "UV_USE_IO_URING=0";
    size_t count = 0;
    for (; *from && count + 3 < room; from++)
        if (is_for_proxy(*from))
            out[count++] = *from;
    out[count++] = fd;
    out[count++] = io_uring;
    out[count] = NULL;
    return count;
}

static bool has_name(char *const *list, size_t count, const char *entry)
{
    size_t len = strcspn(entry, "=");
    for (size_t i = 0; i < count; i++)
        if (strncmp(list[i], entry, len) == 0 && list[i][len] == '=')
            return true;
    return false;
}

static bool is_of_consul(const char *entry)
{
    static const char *const words[] = {"CONSUL_", NULL};
    return begins_with_one(entry, words);
}

static size_t choose(char *const *from, bool (*is_chosen)(const char *entry), char **out,
                     size_t room)
{
    size_t count = 0;
    for (; *from && count + 1 < room; from++)
        if (is_chosen(*from))
            out[count++] = *from;
    out[count] = NULL;
    return count;
}

size_t environment_of_discovery(char *const *from, char **out, size_t room)
{
    return choose(from, environment_is_of_discovery, out, room);
}

size_t environment_of_consul(char *const *from, char **out, size_t room)
{
    return choose(from, is_of_consul, out, room);
}

size_t environment_add(char *const *from, char **out, size_t count, size_t room)
{
    for (; *from && count + 1 < room; from++)
        if (!has_name(out, count, *from))
            out[count++] = *from;
    out[count] = NULL;
    return count;
}

size_t environment_of_master(char *const *from, char **out, size_t room)
{
    size_t count = 0;
    for (; *from && count + 1 < room; from++)
        if (!is_between_masters(*from))
            out[count++] = *from;
    out[count] = NULL;
    return count;
}

size_t environment_count(char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    return count;
}
