/* Sends log lines as GELF, on a thread of its own; nobody who gives it a line ever waits. Lines wait in a queue of so
 * many bytes; what does not fit is dropped and counted.
 *
 * UDP: packed, in chunks where it must be. A receiver that is not there costs the messages that go to it meanwhile.
 * TCP: each message with a NUL behind it, not packed. While there is no connection, and while the receiver takes
 *   nothing, lines wait; a message that was cut off is sent again from its beginning, so that none is lost by us and
 *   the last one may come twice; what the kernel had taken for a receiver that died is lost.
 * The host's name is asked for again every 30 s and after each error, on a thread of the resolver's own: a receiver that
 * moves is followed. */
#ifndef LB_GELF_GELF_SENDER_H
#define LB_GELF_GELF_SENDER_H

#include <stdatomic.h>
#include <stdint.h>

#include "lb/base/view.h"
#include "lb/gelf/gelf_compress.h"
#include "lb/gelf/gelf_url.h"

/* Where it counts; others may read them at any time. None is NULL. They only grow, but for `waiting`, which is
 * set. */
struct gelf_sender_counts {
    _Atomic uint64_t *sent;       /* messages that were given to the kernel */
    _Atomic uint64_t *sent_bytes; /* of them, as they went: packed, with heads of chunks */
    _Atomic uint64_t
        *dropped_queue; /* lines for which there was no room, or that still waited at the end */
    _Atomic uint64_t
        *dropped_error; /* too long, or nobody listened there (UDP: as far as we were told) */
    _Atomic uint64_t *reconnects; /* to another address (UDP), or once more (TCP) */
    _Atomic uint64_t *waiting;    /* lines, right now */
};

struct gelf_sender_options {
    struct gelf_url url;
    enum gelf_compression compression; /* UDP alone */
    const char *host;                  /* GELF's "host": who says it */
    const char *tag;                   /* "_tag"; NULL: none */
    const char *container_name;        /* "_container_name"; NULL: not known */
    const char *container_id;          /* "_container_id"; NULL: not known */
    struct gelf_sender_counts counts;

    /* 0: what stands behind it */
    size_t queue_bytes;          /* 4 MiB */
    unsigned datagram_bytes;     /* GELF_CHUNK_DATAGRAM_BYTES */
    unsigned resolve_ms;         /* 30 s: how often the name is asked for */
    unsigned connect_timeout_ms; /* 5 s (TCP) */
    unsigned stall_timeout_ms;   /* 30 s without any byte taken: once more (TCP) */

    /* What goes wrong and when it goes well again, a sentence; the same is said once a minute at most. Thread: the
     * sender's. NULL: nobody listens. */
    void (*on_word)(void *owner, bool is_trouble, const char *sentence);
    void *owner;
};

struct gelf_sender;

/* Starts the thread. Copies all texts; counters and owner are borrowed until gelf_sender_stop. Fails: NULL with errno. */
struct gelf_sender *gelf_sender_start(const struct gelf_sender_options *options);

/* One or many lines, with their newlines or without; empty ones are left out. Copies, never waits. Thread: any. */
void gelf_sender_put(struct gelf_sender *sender, struct view lines);

/* Sends what waits, but for at most so long, and ends the thread. Frees. Nobody puts meanwhile. */
void gelf_sender_stop(struct gelf_sender *sender, unsigned drain_ms);

#endif
