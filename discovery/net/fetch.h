/* The door to libcurl: GET requests to one engine, all on one loop. Handlers are called from
 * fetch_pool_turn() only, outside of libcurl, so they may start and cancel any request. */
#ifndef DISCOVERY_NET_FETCH_H
#define DISCOVERY_NET_FETCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/net/server_url.h"
#include "lb/base/view.h"

#define FETCH_SAMPLE_BYTES 161

struct fetch_pool;
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
    FETCH_CUT_OFF, /* or anything else that libcurl says */
    FETCH_REFUSED, /* with `status`, 400 and above */
};

struct fetch_failure {
    enum fetch_end kind;
    int os_error;
    int status;
    char sample[FETCH_SAMPLE_BYTES]; /* the beginning of what a refusal says; not of a stream */
};

struct fetch_request {
    const char *target;  /* "/v1.41/events?…" */
    const char *address; /* not NULL: only connects, to this IP and `port` instead of the engine */
    uint16_t port;
    uint32_t timeout_ms; /* for the whole answer; of a stream: until its headers are there */
    size_t max_bytes;    /* of the body; not for a stream */
    void *owner;
    void (*on_open)(void *owner, int status);         /* headers came; NULL: not interested */
    void (*on_bytes)(void *owner, struct view bytes); /* makes it a stream; bytes are borrowed */
    bool has_end; /* of a stream: it ends by itself, and timeout_ms is for the whole */
    void (*on_done)(void *owner, const struct fetch_answer *answer); /* the last call */
};

/* Borrows nothing. Gives: fetch_pool_close(). Fails: NULL when libcurl cannot be set up. */
struct fetch_pool *fetch_pool_open(const struct server_url *server);

/* Cancels everything. */
void fetch_pool_close(struct fetch_pool *pool);

/* Sleeps until a request or one of `fds` has something, at most `timeout_ms`. `revents` of the fds
 * are filled in. */
void fetch_pool_wait(struct fetch_pool *pool, struct pollfd *fds, size_t count, int timeout_ms);

/* Does what can be done without waiting, and calls the handlers. */
void fetch_pool_turn(struct fetch_pool *pool);

/* Starts a request. The result is valid until on_done or fetch_cancel(). Takes nothing. Fails
 * only by on_done. */
struct fetch *fetch_start(struct fetch_pool *pool, const struct fetch_request *request);

/* No handler of this request is called any more. Not from its own on_done. */
void fetch_cancel(struct fetch *fetch);

/* Of the request whose on_done is being called; FETCH_FINE in all other calls. Borrowed. */
const struct fetch_failure *fetch_pool_failure(const struct fetch_pool *pool);

/* A response header by its name, "" when there is none. Borrowed for the call of on_done. */
const char *fetch_header(const struct fetch *fetch, const char *name);

const char *fetch_library_version(void);

#endif
