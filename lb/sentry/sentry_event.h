/* One event as Sentry's servers take it, and its JSON. All that is foreign is bounded here: texts are cut (between
 * characters, and at a NUL, which PostgreSQL does not take), lists too, and the whole stays below SENTRY_EVENT_BYTES_MAX: breadcrumbs,
 * images and extras give way first. API: Sentry's "Event Payloads", version 7. Pure but for sentry_event_init. */
#ifndef LB_SENTRY_SENTRY_EVENT_H
#define LB_SENTRY_SENTRY_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/base/text.h"

#define SENTRY_SDK_NAME "lb.c"

#define SENTRY_EVENT_BYTES_MAX 1000000u /* a server's limit is 1 MB */
#define SENTRY_EVENT_ID_BYTES  33u

/* More than so many are left out; of breadcrumbs the first, as the last are nearest. */
#define SENTRY_TAGS_MAX        50u
#define SENTRY_EXTRAS_MAX      50u
#define SENTRY_FINGERPRINT_MAX 16u
#define SENTRY_FRAMES_MAX      128u
#define SENTRY_IMAGES_MAX      128u
#define SENTRY_BREADCRUMBS_MAX 100u
#define SENTRY_DATA_MAX        16u

enum sentry_level {
    SENTRY_DEBUG,
    SENTRY_INFO,
    SENTRY_WARNING,
    SENTRY_ERROR,
    SENTRY_FATAL,
};

struct sentry_pair {
    struct view name, value;
};

/* What is not known is empty, or 0. */
struct sentry_frame {
    struct view function, file, package; /* package: the program or library it is in */
    uint32_t line;
    uint64_t instruction_address, image_address;
    uint32_t
        image_number; /* 1: instruction_address counts from the beginning of the first image, and so on; 0: from nothing */
    bool is_in_app;   /* of the program itself, no library's */
};

/* A program or library in memory (debug_meta): by it a server with the debug information finds functions and lines. */
struct sentry_image {
    struct view file;
    struct view build_id; /* the hexadecimal digits of its GNU build id */
    uint64_t address, size_bytes;
};

struct sentry_breadcrumb {
    uint64_t timestamp_ns; /* wall clock, as all timestamps here */
    enum sentry_level level;
    struct view category, message;
    const struct sentry_pair *data;
    size_t data_count;
};

struct sentry_exception {
    struct view type, value; /* no type: there was none */
    struct view mechanism;   /* how it was caught: "signal", "generic"; empty: none is told */
    bool is_handled;
    const struct sentry_frame *frames; /* the outermost call first, where it happened last */
    size_t frame_count;
};

/* Everything is borrowed for the call that is given it. Zeroed and initialised it is an event without a content. There is no
 * user in it, and no request. */
struct sentry_event {
    char id[SENTRY_EVENT_ID_BYTES]; /* 32 hexadecimal digits */
    uint64_t timestamp_ns;
    enum sentry_level level;
    struct view logger, message, server_name, release, environment;
    struct view trace_id,
        span_id; /* contexts.trace; no trace_id: none. Without a span_id one is made of the event's id */
    struct sentry_exception exception;
    const struct sentry_image *images;
    size_t image_count;
    const struct sentry_pair *tags; /* one without a value is left out, in extras too */
    size_t tag_count;
    const struct sentry_pair *extras;
    size_t extra_count;
    const struct view *fingerprint;
    size_t fingerprint_count;
    const struct sentry_breadcrumb *breadcrumbs; /* the oldest first */
    size_t breadcrumb_count;
};

/* An event of this moment, of level error, with an id of its own (UUID version 4). */
void sentry_event_init(struct sentry_event *event);

/* Appends the JSON object, at most SENTRY_EVENT_BYTES_MAX bytes, without a line feed. */
void sentry_event_write(const struct sentry_event *event, struct text *out);

/* "debug", "info", "warning", "error" or "fatal". */
const char *sentry_event_level_word(enum sentry_level level);

#endif
