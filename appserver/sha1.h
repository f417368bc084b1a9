/* SHA-1 (RFC 3174), for the WebSocket handshake, which asks for it; it keeps no secret there. */
#ifndef APPSERVER_SHA1_H
#define APPSERVER_SHA1_H

#include "lb/base/view.h"

#define SHA1_BYTES 20

/* The digest of `bytes`, which are borrowed for the call. */
void sha1_of(struct view bytes, unsigned char digest[SHA1_BYTES]);

#endif
