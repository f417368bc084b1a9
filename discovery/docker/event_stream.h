/* The engine's /events, line by line. */
#ifndef DISCOVERY_DOCKER_EVENT_STREAM_H
#define DISCOVERY_DOCKER_EVENT_STREAM_H

#include "discovery/docker/docker_event.h"
#include "discovery/net/fetch.h"
#include "discovery/net/line_reader.h"

struct event_stream_handler {
    void *owner;
    void (*on_open)(void *owner); /* subscribed: what happens from now on will be told */
    void (*on_event)(void *owner, const struct docker_event *event); /* must not close the stream */
    void (*on_gap)(void *owner, const char *why); /* something was told that could not be read */
    void (*on_refused)(void *owner,
                       int status); /* nobody may follow; closed by then, the last call */
    void (*on_end)(void *owner, const char *why); /* closed by then; the last call */
};

struct event_stream {
    struct event_stream_handler handler;
    struct fetch *fetch; /* NULL: closed */
    struct line_reader reader;
    int status;
    struct text refusal; /* the body of an answer that is no stream */
};

/* Subscribes, at the API version that `prefix` ("/v1.41") names. `stream` is zeroed or closed. */
void event_stream_open(struct event_stream *stream, struct fetch_pool *pool, const char *prefix,
                       const struct event_stream_handler *handler);

/* No handler is called any more. Closing twice is harmless. */
void event_stream_close(struct event_stream *stream);

#endif
