/* What is known of a connection that is passed on: for passage.c and its parts. */
#ifndef LB_PROXY_PASSAGE_STATE_H
#define LB_PROXY_PASSAGE_STATE_H

#include "lb/front/guest.h"
#include "lb/net/client_hello.h"
#include "lb/proxy/attempt.h"
#include "lb/proxy/hold.h"
#include "lb/proxy/queue.h"
#include "lb/proxy/tunnel.h"

enum passage_state {
    PASSAGE_OPENING, /* its first bytes say whose it is, or what it is for; deadline: as of a head */
    PASSAGE_CONNECTING, /* deadline: the upstream's */
    PASSAGE_HELD,    /* for somebody to come, or to have a place; deadline: the hold's or queue's */
    PASSAGE_JOINED,  /* deadlines: the tunnel's */
    PASSAGE_CLOSING, /* libuv's close callback */
};

struct passage {
    struct stream client;
    struct deadline deadline; /* OPENING only */
    struct guest guest;
    struct env *env;
    struct address at; /* of its listener */
    struct address
        reached; /* what the client connected to, as a PROXY header told; family 0: none did */
    enum passage_state state;
    bool awaits_preface; /* a PROXY header is to come first */
    bool awaits_hello;   /* its listener has names */
    bool
        is_beside_tls; /* its listener is one for TLS: without a name of a rule it is the front's */
    bool is_before_pool; /* it came before the first snapshot: what it is for is not known yet */
    bool has_ended;     /* the client has shut its sending side, as it was read before the tunnel */
    bool is_resettable; /* see env.resettable_count */
    struct block *early; /* what came from the client and was not passed on; NULL: nothing */
    struct client_hello_progress progress;
    struct client_hello *hello; /* NULL: it is no TLS, or nobody had to know */
    struct attempt attempt;
    struct hold *hold;             /* NULL: it never had to wait for an endpoint */
    struct queue_wait *queue;      /* NULL: it never had to wait for a place */
    struct tunnel *tunnel;         /* JOINED only, else NULL */
    struct service_local *counted; /* that has it among its open ones; in use; NULL: none has */
    uint64_t started_ns;           /* monotonic clock */
};

/* passage.c's. */
extern const struct stream_handler passage_stream_handler;

static inline struct passage *passage_of(struct guest *guest)
{
    return list_entry(guest, struct passage, guest);
}

#endif
