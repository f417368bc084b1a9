/* What all sessions of a thread share while one of them is at work; between two calls of a session nothing is in it, so
 * that a connection that is silent has no buffers. One per loop. Thread: the loop's. */
#ifndef LB_TLS_TLS_BUFFERS_H
#define LB_TLS_TLS_BUFFERS_H

#include <stddef.h>

#define TLS_RECORD_BYTES      16384u /* of plain bytes, in one record (RFC 8446 § 5.1) */
#define TLS_RECORD_WIRE_BYTES 16406u /* a full one of TLS 1.3, as it is sent (§ 5.2) */
#define TLS_SENDING_BYTES     73728u /* four full records, and a small one */

/* Three full records: what was in them goes on in one packet. A packet has at most 64 KiB with its headers, in the kernel
 * too: of four records' bytes the last few would need another one, that costs as much. */
#define TLS_RECEIVED_BYTES (3 * TLS_RECORD_WIRE_BYTES)

/* Zeroed memory has none yet. */
struct tls_buffers {
    char *received; /* TLS_RECEIVED_BYTES of the wire, that no session has taken yet */
    char *sending;  /* TLS_SENDING_BYTES for the wire, that go out together */
    char *gathered; /* TLS_RECORD_BYTES: pieces that become one record */
    size_t sending_len;
    size_t *held_bytes; /* what sessions keep of the wire is added to it; NULL: nobody counts */
};

/* Makes room; again: nothing. */
void tls_buffers_need(struct tls_buffers *buffers);
void tls_buffers_fini(struct tls_buffers *buffers);

#endif
