#include "discovery/docker/event_stream.h"

#include <stdio.h>

#include "discovery/document.h"
#include "discovery/docker/lister.h"

#define HEADERS_TIMEOUT_MS 5000
#define LINE_MAX_BYTES     (1024 * 1024)
#define REFUSAL_MAX_BYTES  200

/* {"type":["container","network"],"event":[…]}. Filtering by label would drop every event of
 * networks; without the event filter each run of a HEALTHCHECK costs three events. Podman 4 looks
 * for its own words "died" and "remove" in the filter, and then writes "die" into the event. */
#define FILTERS                                                                                    \
    "%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%2C%22event%22%3A%5B"                    \
    "%22start%22%2C%22restart%22%2C%22die%22%2C%22kill%22%2C%22stop%22%2C%22pause%22%2C"           \
    "%22unpause%22%2C%22rename%22%2C%22destroy%22%2C%22oom%22%2C%22update%22%2C"                   \
    "%22health_status%22%2C%22connect%22%2C%22disconnect%22%2C%22died%22%2C%22remove%22%5D%7D"

static void end(struct event_stream *stream, const char *why)
{
    event_stream_close(stream);
    stream->handler.on_end(stream->handler.owner, why);
}

static void take_open(void *owner, int status)
{
    struct event_stream *stream = owner;
    stream->status = status;
    if (status == 200)
        stream->handler.on_open(stream->handler.owner);
}

/* False when the line is no event. */
static bool take_line(struct event_stream *stream, struct view line)
{
    struct docker_event event;
    json_t *document = document_parse(line, NULL);
    bool is_event = document && docker_event_read(document, &event);
    if (is_event && event.kind != DOCKER_EVENT_OTHER)
        stream->handler.on_event(stream->handler.owner, &event);
    json_decref(document);
    return is_event;
}

static void take_refusal(struct event_stream *stream, struct view bytes)
{
    size_t room = REFUSAL_MAX_BYTES - stream->refusal.len;
    text_append(&stream->refusal, view_of(bytes.ptr, bytes.len < room ? bytes.len : room));
}

/* Labels are a stranger's, and an event has all of its container's: so a line that is too long is
 * no reason to give up the stream. What it said, the lists say. */
static void take_bytes(void *owner, struct view bytes)
{
    struct event_stream *stream = owner;
    struct view line;
    if (stream->status != 200) {
        take_refusal(stream, bytes);
        return;
    }
    size_t skipped_before = stream->reader.skipped_count, refused_count = 0;
    line_reader_feed(&stream->reader, bytes);
    while (line_reader_next(&stream->reader, &line))
        if (!take_line(stream, line))
            refused_count++;
    if (stream->reader.skipped_count > skipped_before)
        stream->handler.on_gap(stream->handler.owner, "a line of /events is longer than 1 MiB");
    else if (refused_count > 0)
        stream->handler.on_gap(stream->handler.owner, "a line of /events is no event");
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct event_stream *stream = owner;
    char why[512];
    stream->fetch = NULL;
    if (!answer->problem && lister_is_refusal(stream->status)) {
        int status = stream->status;
        event_stream_close(stream);
        stream->handler.on_refused(stream->handler.owner, status);
        return;
    }
    if (stream->status == 200)
        snprintf(why, sizeof(why), "/events ended");
    else if (stream->status != 0)
        snprintf(why, sizeof(why), "/events was refused with status %d: %s", stream->status,
                 text_str(&stream->refusal));
    else
        snprintf(why, sizeof(why), "/events: %s", answer->problem ? answer->problem : "no answer");
    end(stream, why);
}

void event_stream_open(struct event_stream *stream, struct fetch_pool *pool, const char *prefix,
                       const struct event_stream_handler *handler)
{
    char target[1024];
    snprintf(target, sizeof(target), "%s/events?filters=%s", prefix, FILTERS);
    *stream = (struct event_stream){.handler = *handler};
    line_reader_init(&stream->reader, LINE_MAX_BYTES);
    stream->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                              .timeout_ms = HEADERS_TIMEOUT_MS,
                                                              .owner = stream,
                                                              .on_open = take_open,
                                                              .on_bytes = take_bytes,
                                                              .on_done = take_done});
}

void event_stream_close(struct event_stream *stream)
{
    if (stream->fetch)
        fetch_cancel(stream->fetch);
    stream->fetch = NULL;
    line_reader_fini(&stream->reader);
    text_fini(&stream->refusal);
}
