/* A client's connection that speaks HTTP/1: for h1_client.c and its parts. */
#ifndef LB_FRONT_H1_CLIENT_STATE_H
#define LB_FRONT_H1_CLIENT_STATE_H

#include "lb/front/front.h"
#include "lb/http/parsers.h"

enum h1_client_state {
    H1_CLIENT_IDLE,         /* between requests; deadline: idle */
    H1_CLIENT_READING_HEAD, /* a part of a head is here; deadline: head */
    H1_CLIENT_SERVING,      /* an exchange works for it, or its answer is not all written yet;
                             * deadline: body progress, either way */
    H1_CLIENT_LENT,         /* its stream is in other hands, which have its deadlines too */
    H1_CLIENT_LINGERING,    /* answered for the last time; reads what still comes, then closes */
    H1_CLIENT_PREFACED,     /* who it is comes first, in a PROXY header; deadline: head */
    H1_CLIENT_QUEUED,       /* for its turn to shake hands; deadline: until it asks for another's */
    H1_CLIENT_SHAKING_HANDS, /* deadline: of TLS handshakes */
    H1_CLIENT_CLOSING,
};

/* Read at a time: of heads, and while nothing that comes can be used. */
#define H1_CLIENT_HEAD_READ_BYTES 8192u
#define H1_CLIENT_IDLE_READ_BYTES 2048u

/* Between looks at whether one has left whose bytes are not read. */
#define H1_CLIENT_LOOK_MS 1000u

/* How the answer to the running request reaches the client. */
struct h1_answer {
    struct block *head; /* while it is collected, else NULL */
    bool is_to_http10;
    bool wants_keep_alive; /* the client does */
    enum framing framing;  /* but for FRAMING_CLOSE the client sees what is missing */
    bool persists;         /* the connection, after it */
};

struct h1_client {
    struct stream stream;
    struct deadline deadline;
    struct list node; /* in one of the lists of the crowd, by state */
    struct front front;
    struct h1_answer answer;
    struct parser *parser; /* while a request is being read */
    struct block *held;    /* bytes that were read and not used yet */
    struct view *pumped;   /* what is being used at this moment; NULL: nothing */
    size_t watched_bytes;  /* that waited to be written when the deadline was last looked at */
    enum h1_client_state state;
    bool is_body_wanted; /* the exchange takes body bytes now */
    bool has_eof;
    bool ends_by_reset;        /* once all that was written has arrived */
    bool speaks_tls;           /* from its first byte on, or from the one behind its PROXY header */
    enum err refusal;          /* what it is told once hands were shaken; OK: it is let in */
    uint64_t shaking_since_ms; /* by the loop's clock */
    unsigned request_count;
};

/* h1_client.c's. */
extern const struct stream_handler h1_client_stream_handler;

static inline struct h1_client *h1_client_of(struct front *front)
{
    return list_entry(front, struct h1_client, front);
}

static inline struct loop *h1_client_loop(const struct h1_client *client)
{
    return client->front.crowd->loop;
}

static inline const struct front_options *h1_client_options(const struct h1_client *client)
{
    return &client->front.crowd->options;
}

/* A time of 0 has no end. */
static inline void h1_client_arm(struct h1_client *client, unsigned delay_ms)
{
    deadline_arm_if(&h1_client_loop(client)->deadlines, &client->deadline, delay_ms);
}

/* Of h1_client_enter: what is not on a request's way. */
void h1_client_enter_seldom(struct h1_client *client, enum h1_client_state state)
    __attribute__((cold, noinline));

/* The one place where the state changes: the lists of the crowd go with it, what counts handshakes,
 * and a lent stream comes back. */
static inline void h1_client_enter(struct h1_client *client, enum h1_client_state state)
{
    struct crowd *crowd = client->front.crowd;
    bool was_idle = client->state == H1_CLIENT_IDLE, is_idle = state == H1_CLIENT_IDLE;
    if (client->state > H1_CLIENT_SERVING || state > H1_CLIENT_SERVING) {
        h1_client_enter_seldom(client, state);
        return;
    }
    client->state = state;
    if (is_idle == was_idle)
        return;
    list_unlink(&client->node);
    list_append(is_idle ? &crowd->idle_clients : &crowd->busy_clients, &client->node);
}

static inline void h1_client_drop_parser(struct h1_client *client)
{
    parsers_drop(client->front.crowd->parsers, &client->parser);
}

static inline void h1_client_drop_held(struct h1_client *client)
{
    block_give(&h1_client_loop(client)->blocks, client->held);
    client->held = NULL;
}

/* ---- its end -------------------------------------------------------------------------------- */

/* Closes now; its exchange, if any, must know. Idempotent. */
void h1_client_close(struct h1_client *client);

/* Closes; by a reset where the client could take a part of an answer for the whole. */
void h1_client_cut_off(struct h1_client *client);

/* Tells the exchange that its client is going, then goes. */
void h1_client_leave(struct h1_client *client, enum err why);

/* Says the end with a FIN, and reads for a while what still comes: closing with unread bytes resets
 * the connection and may take the answer with it (RFC 9112 § 9.6). */
#define H1_CLIENT_LINGER_MS 1000u
void h1_client_linger(struct h1_client *client);

/* Closes as soon as nothing is lost by it. */
void h1_client_say_goodbye(struct h1_client *client, bool has_unread);

/* Refuses what it asks, or is about to, and says goodbye. Not while it has an exchange. */
void h1_client_refuse(struct h1_client *client, enum err err);

#endif
