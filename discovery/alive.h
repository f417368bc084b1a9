/* What lb-discovery counts, and the line that tells it as a sign of life. */
#ifndef DISCOVERY_ALIVE_H
#define DISCOVERY_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/obstacle.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

#define ALIVE_WORD_BYTES 32
#define ALIVE_WORDS_MAX  24

_Static_assert(ALIVE_WORD_BYTES <= LIMITS_WORD_BYTES_MAX && ALIVE_WORDS_MAX <= LIMITS_WORDS_MAX,
               "what is counted is not refused");

/* Why the source is read in full. */
enum alive_resync {
    ALIVE_RESYNC_START,
    ALIVE_RESYNC_RECONNECT,
    ALIVE_RESYNC_TIMER,
    ALIVE_RESYNC_CHANGE, /* of the file */
    ALIVE_RESYNC_COUNT,
};

#define ALIVE_PARTS_MAX 9

/* How it stands with one of several sources, or with the registrar. Borrowed. */
struct alive_part {
    const char *word;
    bool is_connected;
    uint64_t last_sync_ns;
    const struct obstacle *obstacle;
};

struct alive_parts {
    struct alive_part list[ALIVE_PARTS_MAX];
    size_t count;
};

/* Zeroed memory is a good start. */
struct alive {
    bool is_connected; /* the source is followed */
    struct alive_event {
        char word[ALIVE_WORD_BYTES]; /* "" from the first free one on */
        uint64_t count;
    } events[ALIVE_WORDS_MAX];
    uint64_t resyncs[ALIVE_RESYNC_COUNT];
    uint64_t last_event_ns; /* wall clock of the source; 0: none yet */
    uint64_t last_sync_ns;  /* wall clock; 0: none yet */
};

/* Counts an event. Bytes that are no printable ASCII become "?"; words beyond the table are counted
 * as "other". */
void alive_note_event(struct alive *alive, const char *word, uint64_t time_ns);

/* Adds what another source counted: it is connected only when both are. */
void alive_add(struct alive *sum, const struct alive *other);

/* Replaces the content of `line` with a line of FORMAT.md, its LF included. `obstacle` and `parts` may be
 * NULL. */
void alive_write(const struct alive *alive, const struct obstacle *obstacle,
                 const struct alive_parts *parts, uint64_t wall_ns, struct text *line);

#endif
