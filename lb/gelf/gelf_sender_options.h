/* What a sender (gelf_sender.h) is told at its start. */
#ifndef LB_GELF_GELF_SENDER_OPTIONS_H
#define LB_GELF_GELF_SENDER_OPTIONS_H

#include <stdatomic.h>
#include <stdint.h>

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

#endif
