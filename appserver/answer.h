/* Makes the bytes of one answer, piece by piece, so that its sender alone decides on the pace. */
#ifndef APPSERVER_ANSWER_H
#define APPSERVER_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "lb/base/text.h"

enum answer_kind {
    ANSWER_TEXT,    /* `text`, or the status in words; after `pause_ms` */
    ANSWER_READY,   /* `ready`, written once and sent many times */
    ANSWER_BYTES,   /* `count` bytes of the alphabet */
    ANSWER_SLOW,    /* `count` pieces, `pause_ms` between them */
    ANSWER_ECHO,    /* the request itself; whoever read it puts it into `text` */
    ANSWER_UPLOAD,  /* the sum of its body; likewise */
    ANSWER_RAISE,   /* an exception; likewise */
    ANSWER_METRICS, /* numbers for Prometheus; likewise */
    ANSWER_TUNNEL,  /* 101, then the connection is the other protocol's */
    ANSWER_DROP,    /* none */
};

/* What an answer says of its connection (RFC 9112 § 9.3). */
enum answer_link {
    ANSWER_LINK_SILENT, /* HTTP/1.1 that stays open */
    ANSWER_LINK_KEEP,   /* HTTP/1.0 that stays open */
    ANSWER_LINK_CLOSE,
    ANSWER_LINK_COUNT,
};

/* A whole answer in each of its variants. */
struct answer_ready {
    struct text whole[ANSWER_LINK_COUNT];
    size_t body_bytes;
};

/* What is to be answered. The views are borrowed until the answer is done. */
struct answer_plan {
    enum answer_kind kind;
    int status;
    struct view text;
    const char *why;    /* added to the status in words, or NULL */
    const char *fields; /* more field lines with their ends, or NULL */
    const struct answer_ready *ready;
    struct view protocol;      /* ANSWER_TUNNEL: the protocol switched to */
    struct view websocket_key; /* and the key to prove it with, if it is WebSocket */
    uint64_t count;
    uint64_t pause_ms;
};

enum answer_step { ANSWER_SEND, ANSWER_WAIT, ANSWER_DONE };

#define ANSWER_BUFS 3

struct answer {
    struct answer_plan plan;
    enum answer_link link; /* set by the owner before the first piece */
    bool http11;
    bool head_only;
    bool begun;
    bool waited;
    uint64_t position;   /* bytes or pieces given out */
    uint64_t body_bytes; /* for the log */
    char head[512];
    char note[256];
};

/* Writes `text` (borrowed for the call) as a 200 in all variants. */
void answer_ready_init(struct answer_ready *ready, struct view text);
void answer_ready_fini(struct answer_ready *ready);

/* Begins the answer that `answer->plan` asks for. */
void answer_begin(struct answer *answer, bool http11, bool head_only);

/* The next thing to do: send `*count` of `bufs` (borrowed until the next call), wait for the
 * plan's `pause_ms`, or nothing more. */
enum answer_step answer_next(struct answer *answer, uv_buf_t bufs[ANSWER_BUFS], unsigned *count);

/* True when the end of the answer's body is the end of the connection (HTTP/1.0 has no chunks). */
bool answer_ends_by_close(const struct answer_plan *plan, bool http11);

#endif
