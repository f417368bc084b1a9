/* Where the program stands: the calls that led here, and the files that are loaded, by which a server with
 * the debug information finds lines. */
#ifndef APPSERVER_FRAMES_H
#define APPSERVER_FRAMES_H

#include "lb/base/text.h"
#include "lb/sentry/sentry_event.h"

#define FRAMES_MAX 48
#define IMAGES_MAX 48

struct frames {
    struct sentry_frame frames[FRAMES_MAX]; /* the outermost first */
    size_t frame_count;
    struct sentry_image images[IMAGES_MAX];
    size_t image_count;
    char build_ids[IMAGES_MAX][41]; /* hexadecimal digits */
};

/* Lets the C library load what it needs for it, once, before requests come. */
void frames_prepare(void);

/* Of the caller. Names are borrowed from the loaded files, for ever. Thread: any. */
void frames_take(struct frames *frames);

/* Appends "innermost < … < outermost", the names or addresses. */
void frames_say(const struct frames *frames, struct text *out);

#endif
