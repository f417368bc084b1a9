/* One request, read from the bytes of its head. */
#ifndef APPSERVER_REQUEST_H
#define APPSERVER_REQUEST_H

#include <stdbool.h>

#include "appserver/trace.h"
#include "lb/base/view.h"

struct request {
    struct view head; /* as received: start line, fields, blank line */
    struct view method;
    struct view target; /* as received */
    struct view path;   /* of the target, without the query */
    struct view upgrade;
    struct view websocket_key;     /* Sec-WebSocket-Key, not looked at */
    struct view websocket_version; /* Sec-WebSocket-Version, likewise */
    struct trace trace;
    bool http11; /* false: HTTP/1.0 */
    bool head_only;
    bool has_body; /* request_parse() sees chunked ones, the reader those with a length */
    bool expects_continue;
};

/* Reads a head that llhttp has accepted and refuses what llhttp lets pass but RFC 9112 does not.
 * Takes nothing; the views in `out` borrow `head`. Gives 0, or the status to refuse with and the
 * reason in `*why`. */
int request_parse(struct view head, struct request *out, const char **why);

#endif
