/* What the kernel says of how far a connection's bytes have come, so that a deadline that is due
 * can tell a slow peer from one that is gone. By descriptor, one system call each. Thread: any. */
#ifndef LB_NET_PROGRESS_H
#define LB_NET_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes in the kernel's queue that the peer has not acknowledged (SIOCOUTQ): as long as the number
 * falls the peer takes something. 0 where the kernel does not tell. */
size_t progress_unacknowledged_bytes(int fd);

/* Bytes that the peer has acknowledged since the connection stands, one more than that at most.
 * UINT64_MAX where the kernel does not tell. */
uint64_t progress_acknowledged_bytes(int fd);

/* The peer's machine does not acknowledge what was sent, though it was sent again and again, and has
 * acknowledged nothing for so long: it is off the network. A program that takes nothing is not: its
 * kernel answers. */
bool progress_is_peer_lost(int fd, unsigned silent_ms);

#endif
