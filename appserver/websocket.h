/* The server's side of a WebSocket that echoes (RFC 6455): client bytes in, server bytes out.
 * Nothing is gathered: a data frame goes back as it comes, so a connection costs no more memory
 * than its last input. Text is not checked for UTF-8, since nobody reads it here. */
#ifndef APPSERVER_WEBSOCKET_H
#define APPSERVER_WEBSOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

#define WEBSOCKET_ACCEPT_BYTES      29 /* with its NUL */
#define WEBSOCKET_FRAME_MAX_BYTES   1048576
#define WEBSOCKET_HEAD_MAX_BYTES    14
#define WEBSOCKET_CONTROL_MAX_BYTES 125

struct websocket {
    bool is_over;       /* a close frame is in the output; no input is taken any more */
    struct text output; /* for the peer; the owner clears it when it is sent */

    /* Private: the frame that is being read. */
    bool in_message; /* its first frame came, its last did not */
    bool in_payload;
    unsigned char head[WEBSOCKET_HEAD_MAX_BYTES];
    size_t head_len;
    unsigned char mask[4];
    uint64_t payload_bytes;
    uint64_t payload_got;
    char close_payload[WEBSOCKET_CONTROL_MAX_BYTES];
};

/* True when `key` is what a Sec-WebSocket-Key must be: 16 bytes in base64 (§ 4.2.1). */
bool websocket_is_key(struct view key);

/* The Sec-WebSocket-Accept for `key`, which is borrowed for the call (§ 4.2.2). */
void websocket_accept(struct view key, char accept[WEBSOCKET_ACCEPT_BYTES]);

/* Takes bytes of the client, borrowed for the call, and appends the answer to `output`: data
 * frames as they came, pong for ping, close for close; for what is against the protocol close
 * 1002 or 1007, for a frame above WEBSOCKET_FRAME_MAX_BYTES close 1009. */
void websocket_take(struct websocket *socket, struct view input);

void websocket_fini(struct websocket *socket);

#endif
