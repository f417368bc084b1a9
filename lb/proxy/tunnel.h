/* Two connections joined: bytes go both ways, untouched, until both sides have said their last.
 * Speaks no protocol; whose streams it takes over has nothing to do with them until it is over.
 * Deadlines: the tunnel's while nobody says anything; an end's own while bytes wait for it. */
#ifndef LB_PROXY_TUNNEL_H
#define LB_PROXY_TUNNEL_H

#include "lb/base/err.h"
#include "lb/base/slab.h"
#include "lb/net/deadline.h"
#include "lb/net/stream.h"

struct tunnel_end {
    struct tunnel *tunnel;
    struct tunnel_end *other;
    struct stream *stream;    /* borrowed, and open for as long as the tunnel is */
    struct deadline deadline; /* while bytes wait for it: it has to take some */
    unsigned stall_ms;        /* 0: it may wait for ever */
    size_t watched_bytes;     /* that it had not taken when the deadline was last looked at */
    uint64_t said_bytes;      /* that came from it */
    bool has_ended;           /* it has shut its sending side */
};

struct tunnel {
    struct loop *loop;
    struct slab *slab;        /* where it came from */
    struct deadline deadline; /* nothing was said, either way */
    unsigned idle_ms;
    struct tunnel_end client;
    struct tunnel_end backend;
    /* It is over, and still to be freed. ERR_OK: both sides have ended, and the backend has got all
     * of it. ERR_CLIENT_GONE, ERR_CLIENT_STALLED: the client's stream is of no use any more;
     * ERR_UPSTREAM_TRUNCATED, _RESET, _STALLED: the backend's. ERR_TUNNEL_IDLE: nobody spoke. */
    void (*on_over)(void *owner, enum err end);
    void *owner;
};

struct tunnel_limits {
    unsigned idle_ms;          /* without a byte; 0: for ever. Also for a client that takes none */
    unsigned backend_stall_ms; /* for a backend that takes none of what waits; 0: for ever */
};

/* One that has no streams yet. To be handed to tunnel_free. */
struct tunnel *tunnel_new(struct slab *slab, const struct tunnel_limits *limits,
                          void (*on_over)(void *owner, enum err end), void *owner);

/* Joins them. Borrows the streams; bytes may wait for either. Takes the block: what was read from
 * the client already; NULL: nothing. An end that was read before is read again. */
void tunnel_start(struct tunnel *tunnel, struct stream *client, struct block *from_client,
                  struct stream *backend);

/* Lets go of the streams. NULL is allowed. */
void tunnel_free(struct tunnel *tunnel);

#endif
