/* What a crash report says (lb/run/crash_report.c) as a stack trace. It is a stranger's word: what cannot be read is no frame.
 * Pure. */
#ifndef LB_REPORT_CRASH_TRACE_H
#define LB_REPORT_CRASH_TRACE_H

#include <stdbool.h>

#include "lb/sentry/sentry_event.h"

#define CRASH_TRACE_FRAMES_MAX 64u
#define CRASH_TRACE_ID_DIGITS  64u

struct crash_trace {
    struct view what;     /* all that stands before the version */
    struct view version;  /* of the program that crashed; empty: not told */
    struct view build_id; /* hexadecimal digits; empty: not told */
    struct sentry_frame frames[CRASH_TRACE_FRAMES_MAX]; /* the outermost call first */
    size_t frame_count;
    struct view
        place; /* where it happened, "lb-proxy+0x1f2e": the same for the same bug of one build */
};

/* Views into `text`. `program` is the one that crashed: its frames are those of the program itself, and count from its beginning (image
 * 1). Fails: false, there is no frame in it; `what` is all of it then. */
bool crash_trace_read(struct view text, const char *program, struct crash_trace *out);

#endif
