/* What the sender's thread works with: the line that goes next, the socket, when it wants a turn; and what both ways
 * to send do with it. Thread: the sender's, but for the queue and the bell. */
#ifndef LB_GELF_GELF_DESK_H
#define LB_GELF_GELF_DESK_H

#include "lb/base/rng.h"
#include "lb/gelf/gelf_message.h"
#include "lb/gelf/gelf_queue.h"
#include "lb/gelf/gelf_sender_options.h"
#include "lb/gelf/gelf_target.h"
#include "lb/gelf/gelf_word.h"

#define GELF_DESK_NEVER UINT64_MAX

struct gelf_desk {
    struct gelf_sender_options options; /* but for its texts, which are in `origin` */
    struct gelf_message_origin origin;  /* texts of its own */
    struct gelf_queue queue;
    int bell_fd; /* an eventfd: rung by who puts, by lookups, and at the end */

    /* the thread's own */
    struct gelf_target target;
    struct gelf_word word, loss_word;
    struct gelf_compress *compress;
    struct rng rng;
    struct text json, packed;
    struct view mail;    /* the first line as it goes; .ptr NULL: not made yet */
    struct address peer; /* of `fd` */
    int fd;              /* -1: none */
    short events;        /* what it waits for on it */
    uint64_t wake_ms;    /* it wants a turn then, whatever comes */
    uint64_t pause_ms;   /* nothing is tried before */

    /* UDP */
    unsigned chunk_number; /* of the mail, that goes next */
    uint64_t chunk_id;
    size_t chunk_bytes;     /* of the mail, that went */
    bool is_probing;        /* a message is kept until nobody refuses it */
    uint64_t probe_sent_ms; /* 0: it did not go yet */

    /* TCP */
    bool is_connecting;
    bool was_connected;  /* once */
    size_t offset;       /* of the mail with its NUL, that went */
    uint64_t begun_ms;   /* the connection */
    uint64_t blocked_ms; /* since then not a byte was taken; 0: it takes them */
    unsigned backoff_ms; /* after the next failure */
};

/* Copies texts, borrows counters. Fails: -errno; to be closed in any case. */
int gelf_desk_open(struct gelf_desk *desk, const struct gelf_sender_options *options);
void gelf_desk_close(struct gelf_desk *desk);

/* Makes the mail of the line that waits longest. False: nobody waits. */
bool gelf_desk_next(struct gelf_desk *desk);

/* It went, or never will. */
void gelf_desk_done(struct gelf_desk *desk, size_t bytes);
void gelf_desk_drop(struct gelf_desk *desk);

/* Closes the descriptor, if there is one. */
void gelf_desk_shut(struct gelf_desk *desk);

/* Wants a turn at that time, or before. */
void gelf_desk_wake_at(struct gelf_desk *desk, uint64_t at_ms);

/* Nothing is tried for so long. */
void gelf_desk_pause(struct gelf_desk *desk, uint64_t now_ms, unsigned pause_ms);

/* The address to send to; where none is known says so and gives NULL. */
const struct address *gelf_desk_aim(struct gelf_desk *desk, uint64_t now_ms);

#endif
