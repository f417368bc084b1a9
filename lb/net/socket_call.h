/* recv(2) and send(2) that are no points at which a thread may be cancelled: nobody cancels threads here, and in a
 * program of several threads the C library's own pay for it twice a call. As those: -1 and errno. Thread: any. */
#ifndef LB_NET_SOCKET_CALL_H
#define LB_NET_SOCKET_CALL_H

#include <stddef.h>
#include <sys/types.h>

ssize_t socket_call_recv(int fd, void *bytes, size_t len, int flags);
ssize_t socket_call_send(int fd, const void *bytes, size_t len, int flags);

#endif
