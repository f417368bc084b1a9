/* A request by HTTP, its answer, and how it failed (fetch.h). */
#ifndef DISCOVERY_NET_FETCH_REQUEST_H
#define DISCOVERY_NET_FETCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/base/view.h"

#define FETCH_SAMPLE_BYTES 161

#define FETCH_HEADERS_MAX 8

struct fetch;

struct fetch_answer {
    int status;                /* of HTTP; 0 when none came */
    struct view body;          /* whole; borrowed for the call; empty for a stream */
    const char *problem;       /* NULL, or why there is no whole answer */
    bool is_too_large;         /* that it has more than max_bytes */
    const struct fetch *fetch; /* for fetch_header() */
};

/* How the request ended whose handler is being called. */
enum fetch_end {
    FETCH_FINE,
    FETCH_NOT_CONNECTED, /* `os_error` says why */
    FETCH_NOT_RESOLVED,
    FETCH_TIMED_OUT,
    FETCH_NOT_HTTP,
    FETCH_NOT_TRUSTED, /* TLS: a certificate of either side, or no TLS at all */
    FETCH_CUT_OFF,     /* or anything else that libcurl says */
    FETCH_REFUSED,     /* with `status`, 400 and above */
};

struct fetch_failure {
    enum fetch_end kind;
    int os_error;
    int status;
    char sample[FETCH_SAMPLE_BYTES]; /* the beginning of what a refusal says; not of a stream */
};

struct fetch_request {
    const char *method;                     /* NULL: GET, or with a body PUT */
    const char *target;                     /* "/v1.41/events?…" */
    const char *headers[FETCH_HEADERS_MAX]; /* "Name: value"; until the first NULL */
    struct view body;                       /* all four are borrowed for the call that starts it */
    const char *address; /* not NULL: only connects, to this IP and `port` instead of the server */
    uint16_t port;
    uint32_t timeout_ms; /* for the whole answer; of a stream: until its headers are there */
    size_t max_bytes;    /* of the body; not for a stream */
    /* On a connection of its own, as streams are: where a kept one breaks before the answer begins, libcurl asks
     * anew by itself, and whoever has to know that the server was away does not learn it. */
    bool is_alone;
    void *owner;
    void (*on_open)(void *owner, int status);         /* headers came; NULL: not interested */
    void (*on_bytes)(void *owner, struct view bytes); /* makes it a stream; bytes are borrowed */
    bool has_end; /* of a stream: it ends by itself, and timeout_ms is for the whole */
    void (*on_done)(void *owner, const struct fetch_answer *answer); /* the last call */
};

#endif
