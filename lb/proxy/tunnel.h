/* Two connections joined: bytes go both ways, untouched, until both sides have said their last.
 * Speaks no protocol; whose streams it takes over has nothing to do with them until it is over.
 * Few bytes are copied, many at a time go through a pipe of the kernel, which is held only while bytes are in
 * it. Deadlines: the tunnel's while nobody says anything; an end's own while bytes wait for it. */
#ifndef LB_PROXY_TUNNEL_H
#define LB_PROXY_TUNNEL_H

#include "lb/base/err.h"
#include "lb/base/slab.h"
#include "lb/net/deadline.h"
#include "lb/net/stream.h"
#include "lb/observe/counter.h"

/* One that has lived for so long has the kernel watch over its peers, where that is wanted; while one side only
 * has ended, it is looked so often whether that is still there. */
#define TUNNEL_YOUNG_MS 3000u
#define TUNNEL_LOOK_MS  30000u

struct tunnel_end {
    struct tunnel *tunnel;
    struct tunnel_end *other;
    struct stream *stream;    /* borrowed, and open for as long as the tunnel is */
    struct splice *pipe;      /* what came from it and waits for the other side; NULL: nothing */
    struct deadline deadline; /* while bytes wait for it: it has to take some */
    unsigned stall_ms;        /* 0: it may wait for ever */
    unsigned full_count;      /* reads in a row that left something unread */
    uint64_t watched_bytes;   /* that it had taken when the deadline was last looked at */
    uint64_t said_bytes;      /* that came from it */
    counter64 *counter;       /* of these; NULL: nobody counts them as they pass */
    bool has_ended;           /* it has shut its sending side */
};

struct tunnel_limits {
    unsigned idle_ms;         /* without a byte; 0: for ever */
    unsigned client_stall_ms; /* for a client that takes none of what waits; 0: for ever */
    unsigned backend_stall_ms;
    bool is_long_lived;        /* the kernel is to ask whether the peers are still there */
    bool is_over_with_clients; /* not before the client has got all, too */
};

struct tunnel {
    struct loop *loop;
    struct slab *slab;        /* where it came from */
    struct deadline deadline; /* nothing was said, either way */
    struct tunnel_limits limits;
    uint64_t spoken_ms;     /* when something was last said, by the loop's clock */
    uint64_t first_byte_ns; /* of the backend, monotonic clock; 0: it has said nothing */
    bool is_watched;
    struct tunnel_end client;
    struct tunnel_end backend;
    /* It is over, and still to be freed. ERR_OK: both sides have ended, and the backend has got all
     * of it. ERR_CLIENT_GONE, ERR_CLIENT_STALLED: the client's stream is of no use any more;
     * ERR_UPSTREAM_TRUNCATED, _RESET, _STALLED: the backend's. ERR_TUNNEL_IDLE: nobody spoke. */
    void (*on_over)(void *owner, enum err end);
    void *owner;
};

/* One that has no streams yet. To be handed to tunnel_free. */
struct tunnel *tunnel_new(struct slab *slab, const struct tunnel_limits *limits,
                          void (*on_over)(void *owner, enum err end), void *owner);

/* Joins them. Borrows the streams; bytes may wait for either. The backend gets first what `lead` says,
 * and then what was read from the client already: takes the block; NULL: nothing. An end that was read
 * before is read again. */
void tunnel_start(struct tunnel *tunnel, struct stream *client, struct view lead,
                  struct block *from_client, struct stream *backend);

/* Bytes that wait in pipes because of it. */
size_t tunnel_piped_bytes(const struct tunnel *tunnel);

/* Lets go of the streams. NULL is allowed. */
void tunnel_free(struct tunnel *tunnel);

#endif
