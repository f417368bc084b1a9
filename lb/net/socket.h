/* What lb does with a TCP socket, by its descriptor, and what it asks of one: one system call each
 * unless it says otherwise, none of which waits. Nobody else in lb/net calls recv(2) or send(2) but
 * splice.c, and who sends datagrams. Fails: -errno. Thread: any. */
#ifndef LB_NET_SOCKET_H
#define LB_NET_SOCKET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lb/base/address.h"
#include "lb/net/socket_call.h"

#define SOCKET_BACKLOG 4096

/* Gives a socket that is bound with SO_REUSEPORT and listens, and does not wait in accept4(2). An
 * IPv6 wildcard takes IPv4 too where the system lets it. As many calls as it takes. */
int socket_listen(const struct address *at);

/* Makes a socket that listens, and that somebody else opened, like one of socket_listen, but for SO_REUSEPORT. */
void socket_adopt(int fd);

/* Makes a listening socket again what it was before the process that had it ended in the middle of its farewell
 * (listener_stop_handshakes), or did what it should not: no filter, no lowest time to live, it listens and does not block. Fails:
 * -errno, and it is of no use (-EPERM: its filter is locked). */
int socket_restore(int fd);

/* Gives how many bytes came, 0: the peer's end. -EAGAIN: nothing is there. */
static inline ssize_t socket_recv(int fd, char *bytes, size_t most)
{
    ssize_t count = socket_call_recv(fd, bytes, most, 0);
    return count < 0 ? -errno : count;
}

/* Sends `count` pieces, `total` bytes, in order. Gives how many the kernel took; 0: none now.
 * `end_follows`: they wait for the FIN that socket_shut or close(2) sends right after. */
ssize_t socket_send(int fd, const struct iovec *pieces, unsigned count, size_t total,
                    bool end_follows);

/* Sends FIN, with what was held back for it. */
void socket_shut(int fd);

/* Small segments are not held back. */
void socket_make_hasty(int fd);

/* When it is closed the peer gets a reset, and nothing that is still on its way. */
void socket_reset_at_close(int fd);

/* The kernel asks a silent peer three times whether it is still there, and ends the connection when its
 * kernel has not answered for so long: whole seconds, four at least. Not while bytes wait
 * for an acknowledgement: see progress.h. TCP_USER_TIMEOUT would see to that too, but also end those whose
 * peer acknowledges and only has no room. Four system calls. */
void socket_watch_peer(int fd, unsigned dead_after_ms);

/* The same for connections that live long and may lose their network for a while: after a minute and a
 * half without an answer. */
void socket_watch_long(int fd);

/* What waits to be read. */
enum socket_look { SOCKET_QUIET, SOCKET_SPEAKS, SOCKET_ENDED };
enum socket_look socket_look(int fd);

/* The peer has ended its side, whether that was read already or not. */
bool socket_has_peer_ended(int fd);

/* Nothing comes or goes any more: it was reset, or its peer is not there. */
bool socket_is_over(int fd);

/* One more descriptor of it. Fails: -errno. */
int socket_copy(int fd);

/* The address that it is bound to. Fails: false. */
bool socket_address(int fd, struct address *out);

#endif
