/* The first words of a TLS client (RFC 8446 § 4.1.2): which server it wants by name (RFC 6066 § 3), and
 * which protocols it would speak with it (ALPN, RFC 7301). Read in passing: nothing is answered or
 * decrypted. Pure, and bounded. Thread: any. */
#ifndef LB_NET_CLIENT_HELLO_H
#define LB_NET_CLIENT_HELLO_H

#include <stdint.h>

#include "lb/base/view.h"

#define CLIENT_HELLO_BYTES_MAX      16384u /* with the heads of all records it is cut into */
#define CLIENT_HELLO_NAME_BYTES_MAX 253u
#define CLIENT_HELLO_ALPN_COUNT_MAX 32u
#define CLIENT_HELLO_ALPN_BYTES_MAX 512u /* of all these names together */

enum client_hello_result {
    CLIENT_HELLO_MORE,    /* it is not complete: ask again with what has come by then */
    CLIENT_HELLO_NOT_TLS, /* as the first byte tells, or the second */
    CLIENT_HELLO_WRONG,   /* it begins like one, and is none */
    CLIENT_HELLO_DONE,
};

/* How far it has been read; zeroed at the beginning. */
struct client_hello_progress {
    unsigned record_at;     /* where the next record begins */
    unsigned message_bytes; /* of the message, in the records before that */
    unsigned wanted_bytes;  /* of the message in all; 0: not known yet */
};

/* Not to be copied or moved: its views are into itself. */
struct client_hello {
    struct view server_name; /* DONE: a host name in lower case; empty: none, or an IP address */
    struct view alpn[CLIENT_HELLO_ALPN_COUNT_MAX]; /* DONE: any bytes, as the client prefers them */
    unsigned alpn_count;
    const char *problem; /* WRONG: what is wrong with it. Static */
    char name_room[CLIENT_HELLO_NAME_BYTES_MAX];
    char alpn_room[CLIENT_HELLO_ALPN_BYTES_MAX];
};

/* Reads what a connection begins with: all bytes that have come, from the first on, which stay as they
 * are and are to be passed on. Asked with any pieces it takes a time that is linear in the bytes.
 * `hello` is only written where the result is DONE or WRONG. */
enum client_hello_result client_hello_read(struct client_hello_progress *progress,
                                           struct view bytes, struct client_hello *hello);

#endif
