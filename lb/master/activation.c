#include "lb/master/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/store.h"
#include "lb/net/socket.h"

#define FIRST_FD   3 /* SD_LISTEN_FDS_START */
#define COUNT_MAX  4096
#define NAME_BYTES 64u

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* ---- what systemd says ------------------------------------------------------------------------ */

/* Digits alone, up to `most`; -1 for all else. */
static long number_in(const char *variable, long most)
{
    char *end;
    const char *text = getenv(variable);
    if (!text || text[0] < '0' || text[0] > '9')
        return -1;
    errno = 0;
    long number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && number <= most ? number : -1;
}

static int option_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t size = sizeof(value);
    return getsockopt(fd, level, option, &value, &size) == 0 ? value : -1;
}

static bool is_connected(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    return getpeername(fd, (void *)&peer, &size) == 0;
}

/* NULL: it is one that lb can use. */
static const char *fault_of(int fd)
{
    int protocol = option_of(fd, SOL_SOCKET, SO_PROTOCOL);
    if (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP)
        return option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1
                   ? NULL
                   : "it does not listen (Accept=yes in its unit is not for lb)";
    if (protocol != IPPROTO_UDP || option_of(fd, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM)
        return "it is no TCP socket and no UDP socket";
    return is_connected(fd) ? "it is connected to one peer" : NULL;
}

/* The name at `*names`, which moves on behind its ':'. */
static void next_name(const char **names, char name[NAME_BYTES])
{
    size_t len = strcspn(*names, ":"), kept = len < NAME_BYTES ? len : NAME_BYTES - 1;
    memcpy(name, *names, kept);
    name[kept] = '\0';
    *names += (*names)[len] ? len + 1 : len;
}

static const char *inherit(struct store *store, int fd)
{
    struct address bound;
    const char *fault = fault_of(fd);
    if (fault)
        return fault;
    if (!socket_address(fd, &bound))
        return "its address is none of IPv4 or IPv6";
    return store_inherit(store, fd) < 0 ? "there are too many" : NULL;
}

static void take_one(struct store *store, int fd, const char *name)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return; /* it is promised, and not there */
    const char *fault = inherit(store, fd);
    if (!fault)
        return;
    log_warn("the socket \"%s\" of systemd (descriptor %d) is left alone: %s", name, fd, fault);
    close(fd);
}

void activation_take(struct store *store)
{
    char name[NAME_BYTES] = "unknown";
    long pid = number_in("LISTEN_PID", INT32_MAX), count = number_in("LISTEN_FDS", COUNT_MAX);
    const char *names = getenv("LISTEN_FDNAMES");
    for (long i = 0; pid == (long)getpid() && i < count; i++) {
        if (names)
            next_name(&names, name);
        take_one(store, FIRST_FD + (int)i, name);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

void activation_tell_unwanted(const struct store *store)
{
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < store->group_count; i++) {
        const struct store_group *group = &store->groups[i];
        if (!group->is_used || !group->is_inherited || group->key.role[0] != '\0')
            continue;
        address_format(&group->key.bound, text);
        log_warn("nobody wants %s, which systemd listens on for lb: who comes there waits in vain. "
                 "Say --%s %s, or take its "
                 "line out of the socket unit",
                 text, group->key.kind == SERVICE_UDP ? "udp" : "listen", text);
    }
}
