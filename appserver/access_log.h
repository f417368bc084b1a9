/* One JSON line per request on standard output. Lines gather during a turn of the loop and leave
 * in one write. Thread: the loop's. */
#ifndef APPSERVER_ACCESS_LOG_H
#define APPSERVER_ACCESS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

struct access_log {
    bool off;
    struct text lines;
};

struct access_entry {
    struct view method; /* NULL bytes when no request could be read */
    struct view target;
    struct view trace_id; /* empty: none */
    const char *peer;
    int status; /* 0: no answer was sent */
    uint64_t body_bytes;
    uint64_t duration_ns;
};

/* Borrows `entry` for the call. */
void access_log_add(struct access_log *log, const struct access_entry *entry);

/* Writes what has gathered. Blocks when standard output does; a closed one ends the log. */
void access_log_flush(struct access_log *log);

void access_log_fini(struct access_log *log);

#endif
