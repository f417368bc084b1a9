#include "discovery/swarm/doorbell.h"

#include <stdio.h>

#include "discovery/docker/lister.h"
#include "discovery/document.h"
#include "discovery/field.h"

#define HEADERS_TIMEOUT_MS 5000
#define LINE_MAX_BYTES     (1024 * 1024)

/* {"type":["service","node"]} */
#define FILTERS "%7B%22type%22%3A%5B%22service%22%2C%22node%22%5D%7D"

static void take_open(void *owner, int status)
{
    struct doorbell *doorbell = owner;
    doorbell->status = status;
    if (status == 200)
        doorbell->handler.on_open(doorbell->handler.owner);
}

static void take_line(struct doorbell *doorbell, struct view line)
{
    json_t *event = document_parse(line, NULL);
    json_int_t time_ns = field_int(event, "timeNano", 0);
    doorbell->handler.on_ring(doorbell->handler.owner, field_str(event, "Action"),
                              time_ns > 0 ? (uint64_t)time_ns : 0);
    json_decref(event);
}

static void take_bytes(void *owner, struct view bytes)
{
    struct doorbell *doorbell = owner;
    struct view line;
    if (doorbell->status != 200)
        return;
    size_t skipped_before = doorbell->reader.skipped_count;
    line_reader_feed(&doorbell->reader, bytes);
    while (line_reader_next(&doorbell->reader, &line))
        take_line(doorbell, line);
    if (doorbell->reader.skipped_count > skipped_before)
        doorbell->handler.on_ring(doorbell->handler.owner, "", 0);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct doorbell *doorbell = owner;
    const struct doorbell_handler handler = doorbell->handler;
    int status = doorbell->status;
    char why[512];
    doorbell->fetch = NULL;
    doorbell_close(doorbell);
    if (!answer->problem && lister_is_refusal(status)) {
        handler.on_refused(handler.owner, status);
        return;
    }
    if (status == 200)
        snprintf(why, sizeof(why), "/events ended");
    else if (status != 0)
        snprintf(why, sizeof(why), "/events was refused with status %d", status);
    else
        snprintf(why, sizeof(why), "/events: %s", answer->problem ? answer->problem : "no answer");
    handler.on_end(handler.owner, why);
}

void doorbell_open(struct doorbell *doorbell, struct fetch_pool *pool, const char *prefix,
                   const struct doorbell_handler *handler)
{
    char target[128];
    snprintf(target, sizeof(target), "%s/events?filters=%s", prefix, FILTERS);
    *doorbell = (struct doorbell){.handler = *handler};
    line_reader_init(&doorbell->reader, LINE_MAX_BYTES);
    doorbell->fetch = fetch_start(pool, &(struct fetch_request){.target = target,
                                                                .timeout_ms = HEADERS_TIMEOUT_MS,
                                                                .owner = doorbell,
                                                                .on_open = take_open,
                                                                .on_bytes = take_bytes,
                                                                .on_done = take_done});
}

void doorbell_close(struct doorbell *doorbell)
{
    if (doorbell->fetch)
        fetch_cancel(doorbell->fetch);
    doorbell->fetch = NULL;
    line_reader_fini(&doorbell->reader);
}
