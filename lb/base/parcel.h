/* Messages of one length with descriptors (SCM_RIGHTS, unix(7)) over a SOCK_SEQPACKET socket. Thread: any, one at a
 * time for each socket and way. */
#ifndef LB_BASE_PARCEL_H
#define LB_BASE_PARCEL_H

#include <stddef.h>

#define PARCEL_FDS_MAX 64u

/* Sends all of it at once. Borrows the descriptors. Waits while the socket is full, unless it does not block. Fails: -errno
 * (-EPIPE: nobody is there; no SIGPIPE comes). */
int parcel_send(int socket, const void *bytes, size_t size, const int *fds, unsigned fd_count);

/* Receives one, which must have exactly `size` bytes. Gives the descriptors (close on exec), at most PARCEL_FDS_MAX. Gives 1;
 * 0: the other side has closed; -EAGAIN: nothing is there (of a socket that does not block); -EBADMSG: of another size, or
 * with more descriptors, all of which are closed then; else -errno. */
int parcel_receive(int socket, void *bytes, size_t size, int fds[PARCEL_FDS_MAX],
                   unsigned *fd_count);

#endif
