/* Where a session's ciphertext comes from and goes to: somebody else reads and writes it. Thread: worker. */
#ifndef LB_TLS_TLS_WIRE_H
#define LB_TLS_TLS_WIRE_H

#include <stddef.h>
#include <sys/types.h>

#include "lb/tls/tls_buffers.h"

struct tls_wire {
    /* As socket_recv: how many bytes came, 0: the peer's end, -EAGAIN: nothing is there, else -errno. Asked once in a call of
     * the session at most. */
    ssize_t (*receive)(void *owner, char *bytes, size_t most);
    /* Takes all of it, or keeps it: 0; else -errno, the connection is broken. Once in a call, unless it is much. */
    int (*send)(void *owner, const char *bytes, size_t len);
    void *owner;
    struct tls_buffers *buffers; /* of the thread; borrowed */
};

#endif
