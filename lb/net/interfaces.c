#include "lb/net/interfaces.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lb/base/memory.h"

#define LIST_BYTES     4096
#define LIST_BYTES_MAX (1 << 20)
#define DIGITS         "%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx"

static bool is_in(const struct ifconf *list, const struct in_addr *wanted)
{
    size_t count = (size_t)list->ifc_len / sizeof(struct ifreq);
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in own;
        memcpy(&own, &list->ifc_req[i].ifr_addr, sizeof(own));
        if (own.sin_family == AF_INET && own.sin_addr.s_addr == wanted->s_addr)
            return true;
    }
    return false;
}

/* The kernel fills as many as there is room for, and says nothing of the rest. */
static bool have_v4(int fd, const struct in_addr *wanted)
{
    struct ifconf list = {.ifc_req = NULL};
    bool is_there = true, is_whole = false;
    for (int bytes = LIST_BYTES; !is_whole && bytes <= LIST_BYTES_MAX; bytes *= 4) {
        list.ifc_req = memory_resize(list.ifc_req, (size_t)bytes);
        list.ifc_len = bytes;
        if (ioctl(fd, SIOCGIFCONF, &list) < 0)
            break;
        is_whole = list.ifc_len + (int)sizeof(struct ifreq) <= bytes;
        is_there = is_in(&list, wanted) || !is_whole;
    }
    free(list.ifc_req);
    return is_there;
}

static bool read_v6(const char *line, struct in6_addr *out)
{
    unsigned char *at = out->s6_addr;
    return sscanf(line, DIGITS DIGITS, at, at + 1, at + 2, at + 3, at + 4, at + 5, at + 6, at + 7,
                  at + 8, at + 9, at + 10, at + 11, at + 12, at + 13, at + 14, at + 15) == 16;
}

/* No such file: no IPv6. */
static bool have_v6(const struct in6_addr *wanted)
{
    char line[256];
    struct in6_addr own;
    FILE *file = fopen("/proc/self/net/if_inet6", "re");
    bool is_there = false;
    if (!file)
        return errno != ENOENT;
    while (!is_there && fgets(line, sizeof(line), file))
        is_there = read_v6(line, &own) && memcmp(&own, wanted, sizeof(own)) == 0;
    fclose(file);
    return is_there;
}

bool interfaces_have(const struct address *address)
{
    if (address->socket.any.sa_family == AF_INET6)
        return have_v6(&address->socket.v6.sin6_addr);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return true;
    bool is_there = have_v4(fd, &address->socket.v4.sin_addr);
    close(fd);
    return is_there;
}
