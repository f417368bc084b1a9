#include "lb/net/datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/memory.h"

/* Room for bursts, as far as net.core.rmem_max and wmem_max let it. */
#define LISTEN_BUFFER_BYTES (4 << 20)

/* Beginnings that are whole pages apart would all want the same lines of the cache. */
#define SLOT_BYTES (DATAGRAM_BYTES_MAX + 1u + 9 * 64u)

/* ---- sockets ---------------------------------------------------------------------------------- */

static void set(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof(value));
}

static bool is_any(const struct address *at)
{
    if (at->socket.any.sa_family == AF_INET)
        return at->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&at->socket.v6.sin6_addr);
}

static void ask_for_local_addresses(int fd, int family)
{
    if (family == AF_INET6)
        set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1); /* of IPv4, too */
    else
        set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

static int bound(const struct address *at, bool is_shared)
{
    int family = at->socket.any.sa_family;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (family == AF_INET6)
        set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (is_shared)
        set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (bind(fd, &at->socket.any, address_size(at)) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

void datagram_adopt(int fd, const struct address *at)
{
    set(fd, SOL_SOCKET, SO_RCVBUF, LISTEN_BUFFER_BYTES);
    set(fd, SOL_SOCKET, SO_SNDBUF, LISTEN_BUFFER_BYTES);
    if (is_any(at))
        ask_for_local_addresses(fd, at->socket.any.sa_family);
}

int datagram_listen(const struct address *at)
{
    int fd = bound(at, true);
    if (fd >= 0)
        datagram_adopt(fd, at);
    return fd;
}

int datagram_check_free(const struct address *at)
{
    int fd = bound(at, false);
    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

/* Such as a host that does not answer ARP: else the kernel keeps them to itself. */
static void ask_for_soft_errors(int fd, int family)
{
    set(fd, IPPROTO_IP, IP_RECVERR, 1);
    if (family == AF_INET6)
        set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

void datagram_forget_errors(int fd)
{
    struct msghdr header = {0};
    while (recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
        header = (struct msghdr){0};
}

int datagram_connect(const struct address *peer)
{
    int fd = socket(peer->socket.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    ask_for_soft_errors(fd, peer->socket.any.sa_family);
    if (connect(fd, &peer->socket.any, address_size(peer)) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

/* ---- the tray --------------------------------------------------------------------------------- */

struct datagram_note {
    _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct datagram_tray *datagram_tray_new(void)
{
    struct datagram_tray *tray = memory_new(sizeof(*tray));
    tray->notes = memory_new(DATAGRAM_TRAY_COUNT * sizeof(*tray->notes));
    tray->memory = memory_resize(NULL, (size_t)DATAGRAM_TRAY_COUNT * SLOT_BYTES);
    for (unsigned i = 0; i < DATAGRAM_TRAY_COUNT; i++) {
        tray->items[i].bytes = tray->memory + (size_t)i * SLOT_BYTES;
        tray->pieces[i].iov_base = tray->items[i].bytes;
        tray->headers[i].msg_hdr.msg_iov = &tray->pieces[i];
        tray->headers[i].msg_hdr.msg_iovlen = 1;
    }
    return tray;
}

void datagram_tray_free(struct datagram_tray *tray)
{
    if (!tray)
        return;
    free(tray->notes);
    free(tray->memory);
    free(tray);
}

/* The one item, without what is only for several. */
static struct msghdr *header_of(struct datagram_tray *tray, unsigned i)
{
    return &tray->headers[i].msg_hdr;
}

bool datagram_has_same_local(const struct datagram *a, const struct datagram *b)
{
    sa_family_t family = a->local.socket.any.sa_family;
    if (family == 0)
        return b->local.socket.any.sa_family == 0;
    return address_eq(&a->local, &b->local);
}

/* ---- receiving -------------------------------------------------------------------------------- */

static void make_room(struct datagram_tray *tray, unsigned i)
{
    struct msghdr *header = header_of(tray, i);
    struct datagram *item = &tray->items[i];
    tray->pieces[i].iov_len = DATAGRAM_BYTES_MAX;
    header->msg_name = &item->peer.socket;
    header->msg_namelen = sizeof(item->peer.socket);
    header->msg_control = tray->notes[i].bytes;
    header->msg_controllen = sizeof(tray->notes[i].bytes);
}

/* Of a broadcast the address of the link it came by; of a multicast none. */
static void read_note(struct msghdr *header, struct address *local)
{
    local->socket.any.sa_family = 0;
    for (struct cmsghdr *note = CMSG_FIRSTHDR(header); note; note = CMSG_NXTHDR(header, note)) {
        if (note->cmsg_level == IPPROTO_IP && note->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(note), sizeof(info));
            *local = (struct address){
                .socket.v4 = {.sin_family = AF_INET, .sin_addr = info.ipi_spec_dst}};
        } else if (note->cmsg_level == IPPROTO_IPV6 && note->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(note), sizeof(info));
            if (!IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
                *local = (struct address){
                    .socket.v6 = {.sin6_family = AF_INET6, .sin6_addr = info.ipi6_addr}};
        }
    }
}

/* As recvmmsg, which looks for a second one where it has found the first. */
static int receive_all(int fd, struct datagram_tray *tray, unsigned first, unsigned most)
{
    if (most > 1)
        return recvmmsg(fd, &tray->headers[first], most, MSG_DONTWAIT, NULL);
    ssize_t len = recvmsg(fd, header_of(tray, first), MSG_DONTWAIT);
    tray->headers[first].msg_len = (unsigned)len;
    return len < 0 ? -1 : 1;
}

int datagram_receive(int fd, struct datagram_tray *tray, unsigned first, unsigned most)
{
    for (unsigned i = first; i < first + most; i++)
        make_room(tray, i);
    int count = receive_all(fd, tray, first, most);
    if (count < 0)
        return -errno;
    for (unsigned i = first; i < first + (unsigned)count; i++) {
        tray->items[i].len = tray->headers[i].msg_len;
        read_note(header_of(tray, i), &tray->items[i].local);
    }
    return count;
}

/* Where one is expected, a second look costs more than the next turn's. */
static int take_one(int fd, struct datagram *item)
{
    ssize_t len = recv(fd, item->bytes, DATAGRAM_BYTES_MAX, MSG_DONTWAIT);
    if (len < 0)
        return -errno;
    item->len = (unsigned)len;
    return 1;
}

static void forget_names(struct datagram_tray *tray, unsigned i)
{
    struct msghdr *header = header_of(tray, i);
    header->msg_name = header->msg_control = NULL;
    header->msg_namelen = 0;
    header->msg_controllen = 0;
}

int datagram_take(int fd, struct datagram_tray *tray, unsigned first, unsigned most)
{
    if (most == 1)
        return take_one(fd, &tray->items[first]);
    for (unsigned i = first; i < first + most; i++) {
        forget_names(tray, i);
        tray->pieces[i].iov_len = DATAGRAM_BYTES_MAX;
    }
    int count = recvmmsg(fd, &tray->headers[first], most, MSG_DONTWAIT, NULL);
    if (count < 0)
        return -errno;
    for (unsigned i = first; i < first + (unsigned)count; i++)
        tray->items[i].len = tray->headers[i].msg_len;
    return count;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void put_note(struct msghdr *header, struct datagram_note *note, int level, int type,
                     const void *info, size_t len)
{
    struct cmsghdr *own = (struct cmsghdr *)(void *)note->bytes;
    header->msg_control = note->bytes;
    header->msg_controllen = CMSG_SPACE(len);
    *own = (struct cmsghdr){.cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type};
    memcpy(CMSG_DATA(own), info, len);
}

/* The route to the peer says by which link it leaves. */
static void write_note(struct msghdr *header, struct datagram_note *note,
                       const struct address *local)
{
    if (local->socket.any.sa_family == AF_INET) {
        struct in_pktinfo info = {.ipi_spec_dst = local->socket.v4.sin_addr};
        put_note(header, note, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
    } else if (local->socket.any.sa_family == AF_INET6) {
        struct in6_pktinfo info = {.ipi6_addr = local->socket.v6.sin6_addr};
        put_note(header, note, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
    }
}

static int send_all(int fd, struct datagram_tray *tray, unsigned first, unsigned count)
{
    if (count == 1) {
        ssize_t rc = sendmsg(fd, header_of(tray, first), MSG_DONTWAIT | MSG_NOSIGNAL);
        return rc < 0 ? -errno : 1;
    }
    int sent = sendmmsg(fd, &tray->headers[first], count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

int datagram_answer(int fd, struct datagram_tray *tray, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        struct datagram *item = &tray->items[i];
        forget_names(tray, i);
        tray->pieces[i].iov_len = item->len;
        tray->headers[i].msg_hdr.msg_name = &item->peer.socket;
        tray->headers[i].msg_hdr.msg_namelen = address_size(&item->peer);
        write_note(header_of(tray, i), &tray->notes[i], &item->local);
    }
    return send_all(fd, tray, first, count);
}

int datagram_send(int fd, struct datagram_tray *tray, unsigned first, unsigned count)
{
    if (count == 1) {
        int rc = datagram_send_bytes(fd, tray->items[first].bytes, tray->items[first].len);
        return rc < 0 ? rc : 1;
    }
    for (unsigned i = first; i < first + count; i++) {
        forget_names(tray, i);
        tray->pieces[i].iov_len = tray->items[i].len;
    }
    return send_all(fd, tray, first, count);
}

int datagram_send_bytes(int fd, const char *bytes, unsigned len)
{
    return send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

bool datagram_is_refusal(int status)
{
    switch (-status) {
    case ECONNREFUSED:
    case ENOPROTOOPT:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case EACCES: /* a route says so; or it is no address of one host */
        return true;
    default:
        return false;
    }
}
