#include "lb/master/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/net/datagram.h"
#include "lb/net/socket.h"

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

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

/* NULL: it is one that lb can use, of that kind. */
static const char *fault_of(int fd, uint32_t *kind)
{
    int protocol = option_of(fd, SOL_SOCKET, SO_PROTOCOL);
    if (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP) {
        *kind = SERVICE_TCP;
        return option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1
                   ? NULL
                   : "it does not listen (Accept=yes in its unit is not for lb)";
    }
    *kind = SERVICE_UDP;
    if (protocol != IPPROTO_UDP || option_of(fd, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM)
        return "it is no TCP socket and no UDP socket";
    return is_connected(fd) ? "it is connected to one peer" : NULL;
}

static void make_own(int fd, uint32_t kind, const struct address *bound)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (kind == SERVICE_UDP)
        datagram_adopt(fd, bound);
    else
        socket_adopt(fd);
}

/* The name at `*names`, which moves on behind its ':'. */
static void next_name(const char **names, char name[ACTIVATION_NAME_BYTES])
{
    size_t len = strcspn(*names, ":");
    size_t kept = len < ACTIVATION_NAME_BYTES ? len : ACTIVATION_NAME_BYTES - 1;
    memcpy(name, *names, kept);
    name[kept] = '\0';
    *names += (*names)[len] ? len + 1 : len;
}

static void take_one(struct activation *activation, int fd, const char *name)
{
    struct activation_socket *taken = &activation->sockets[activation->count];
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return;
    const char *fault = activation->count == ACTIVATION_MAX ? "there are too many" : NULL;
    uint32_t kind = SERVICE_TCP;
    if (!fault)
        fault = fault_of(fd, &kind);
    struct address bound;
    if (!fault && !socket_address(fd, &bound))
        fault = "its address is none of IPv4 or IPv6";
    if (fault) {
        log_warn("the socket \"%s\" of systemd (descriptor %d) is left alone: %s", name, fd, fault);
        close(fd);
        return;
    }
    *taken = (struct activation_socket){.fd = fd, .kind = kind, .bound = bound};
    memcpy(taken->name, name, sizeof(taken->name));
    make_own(fd, kind, &bound);
    activation->count++;
}

void activation_take(struct activation *activation)
{
    char name[ACTIVATION_NAME_BYTES];
    long pid = number_in("LISTEN_PID", INT32_MAX), count = number_in("LISTEN_FDS", INT16_MAX);
    const char *names = getenv("LISTEN_FDNAMES");
    activation->count = 0;
    for (long i = 0; pid == (long)getpid() && i < count; i++) {
        if (names)
            next_name(&names, name);
        else
            memcpy(name, "unknown", sizeof("unknown"));
        take_one(activation, FIRST_FD + (int)i, name);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

/* ---- who gets them ---------------------------------------------------------------------------- */

static bool takes_ipv4_too(const struct activation_socket *taken)
{
    return taken->bound.socket.any.sa_family == AF_INET6 &&
           IN6_IS_ADDR_UNSPECIFIED(&taken->bound.socket.v6.sin6_addr) &&
           option_of(taken->fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
}

static bool is_any_ipv4(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET &&
           address->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool suits(const struct activation_socket *taken, const struct channel_socket *want,
                  bool exactly)
{
    uint32_t kind = want->kind == SERVICE_UDP ? SERVICE_UDP : SERVICE_TCP;
    if (taken->fd < 0 || taken->kind != kind)
        return false;
    if (exactly)
        return address_eq(&taken->bound, &want->wanted);
    return takes_ipv4_too(taken) && is_any_ipv4(&want->wanted) &&
           address_port(&taken->bound) == address_port(&want->wanted);
}

unsigned activation_give(struct activation *activation, const struct channel_socket *want, int *fds,
                         unsigned most, struct address *bound)
{
    unsigned given = 0;
    for (int exactly = 1; exactly >= 0 && given == 0; exactly--) {
        for (unsigned i = 0; i < activation->count && given < most; i++) {
            struct activation_socket *taken = &activation->sockets[i];
            if (!suits(taken, want, exactly))
                continue;
            *bound = taken->bound;
            fds[given++] = taken->fd;
            taken->fd = -1;
        }
    }
    return given;
}

void activation_close(struct activation *activation)
{
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < activation->count; i++) {
        const struct activation_socket *taken = &activation->sockets[i];
        if (taken->fd < 0)
            continue;
        log_warn("nobody wants %s, which the socket unit of systemd opened as \"%s\": it is "
                 "closed. Say --%s %s, or take "
                 "its line out of the unit",
                 address_format(&taken->bound, text), taken->name,
                 taken->kind == SERVICE_UDP ? "udp" : "listen", text);
        close(taken->fd);
    }
    activation->count = 0;
}
