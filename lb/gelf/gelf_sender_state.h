/* The sender from inside: what its thread, and its two ways to send, work with. */
#ifndef LB_GELF_GELF_SENDER_STATE_H
#define LB_GELF_GELF_SENDER_STATE_H

#include <pthread.h>

#include "lb/base/rng.h"
#include "lb/gelf/gelf_message.h"
#include "lb/gelf/gelf_queue.h"
#include "lb/gelf/gelf_sender.h"
#include "lb/gelf/gelf_target.h"
#include "lb/gelf/gelf_word.h"

#define GELF_SENDER_NEVER UINT64_MAX

struct gelf_sender {
    struct gelf_sender_options options; /* its texts are the origin's */
    struct gelf_message_origin origin;  /* texts of its own */
    struct gelf_queue queue;
    int bell_fd; /* an eventfd: rung by who puts, by lookups, and at the end */
    pthread_t thread;
    _Atomic uint64_t
        stop_ms; /* when it ends at the latest; GELF_SENDER_NEVER: nobody asked for that */

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

/* Makes the mail of the line that waits longest. False: nobody waits. */
bool gelf_sender_next(struct gelf_sender *sender);

/* It went, or never will. */
void gelf_sender_done(struct gelf_sender *sender, size_t bytes);
void gelf_sender_drop(struct gelf_sender *sender);

/* Closes the descriptor, if there is one. */
void gelf_sender_shut(struct gelf_sender *sender);

/* Wants a turn at that time, or before. */
void gelf_sender_wake_at(struct gelf_sender *sender, uint64_t at_ms);

/* Nothing is tried for so long. */
void gelf_sender_pause(struct gelf_sender *sender, uint64_t now_ms, unsigned pause_ms);

/* The address to send to; where none is known says so and gives NULL. */
const struct address *gelf_sender_aim(struct gelf_sender *sender, uint64_t now_ms);

#endif
