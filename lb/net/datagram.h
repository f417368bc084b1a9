/* UDP sockets, by their descriptors, and what comes and goes by them: many datagrams a system call, each with the
 * address of this host that it was for, so that an answer leaves from the one that was asked. Nothing here
 * waits. Fails: -errno. Thread: any, but for a tray, which is one thread's. */
#ifndef LB_NET_DATAGRAM_H
#define LB_NET_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lb/base/address.h"

/* Nothing that UDP carries is longer: RFC 768 has 16 bits for it. */
#define DATAGRAM_BYTES_MAX 65535u

/* Gives a socket that is bound with SO_REUSEPORT and knows for each datagram what address it was for. An IPv6
 * wildcard takes IPv4 too where the system lets it. As many calls as it takes. */
int datagram_listen(const struct address *at);

/* Makes a socket that is bound to `at`, and that somebody else opened, like one of datagram_listen, but for SO_REUSEPORT. */
void datagram_adopt(int fd, const struct address *at);

/* Says whether nobody is bound there yet. Fails: -EADDRINUSE and the like. */
int datagram_check_free(const struct address *at);

/* Gives a socket that has that peer alone: it gets nobody else's datagrams, and what ICMP says of the peer is told
 * by the next call (-ECONNREFUSED, -EHOSTUNREACH). -EAGAIN: no local port is left. */
int datagram_connect(const struct address *peer);

/* The kernel keeps a copy of each such error, and the socket counts as ready until it is taken away. */
void datagram_forget_errors(int fd);

/* ---- a batch of them -------------------------------------------------------------------------- */

#define DATAGRAM_TRAY_COUNT 32u

struct datagram {
    struct address peer; /* whom it came from, or goes to; not of connected sockets */
    struct address
        local;    /* of this host; its port does not count; family 0: as the socket is bound */
    char *bytes;  /* in the tray */
    unsigned len; /* 0 is a length like others */
};

/* Whether both were for the same address of this host. */
bool datagram_has_same_local(const struct datagram *a, const struct datagram *b);

/* Room for a batch, and what the system calls want for it. */
struct datagram_tray {
    struct datagram items[DATAGRAM_TRAY_COUNT];
    struct mmsghdr headers[DATAGRAM_TRAY_COUNT];
    struct iovec pieces[DATAGRAM_TRAY_COUNT];
    struct datagram_note *notes; /* the kernel's, or for it: one for each */
    char *memory;                /* of all of the bytes; what is not used is never touched */
};

struct datagram_tray *datagram_tray_new(void);
void datagram_tray_free(struct datagram_tray *tray); /* NULL is allowed */

/* Fill `most` items from `first` on, at the most, with what waits at a listening socket, or at a connected one.
 * Give how many; 0 or -EAGAIN: none. Overwrite all of these items. */
int datagram_receive(int fd, struct datagram_tray *tray, unsigned first, unsigned most);
int datagram_take(int fd, struct datagram_tray *tray, unsigned first, unsigned most);

/* Send `count` items from `first` on to their peers from their local addresses, or to the socket's one peer. Give
 * how many of them the kernel took, in order, at least one; else why it did not take the first. */
int datagram_answer(int fd, struct datagram_tray *tray, unsigned first, unsigned count);
int datagram_send(int fd, struct datagram_tray *tray, unsigned first, unsigned count);

/* The same for bytes that lie elsewhere; 0 or -errno. */
int datagram_send_bytes(int fd, const char *bytes, unsigned len);

/* Whether that error says that the peer has nobody at that port, does not speak UDP at all, or that no way leads
 * there. */
bool datagram_is_refusal(int status);

#endif
