/* How it stands with one of several sources of lb-discovery, or with what it registers, as it says. */
#ifndef LB_FOLLOW_LIFE_SOURCE_H
#define LB_FOLLOW_LIFE_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/json_writer.h"
#include "lb/follow/obstacle.h"

#define LIFE_SOURCE_WORD_BYTES 16
#define LIFE_SOURCE_MAX        12

struct life_source {
    char word[LIFE_SOURCE_WORD_BYTES]; /* "consul"; "register": nobody is served by it */
    bool is_connected;
    uint64_t last_sync_ns; /* wall clock; 0: not yet */
    struct obstacle obstacle;
};

/* Reads `alive.obstacle`, or that of a source (discovery/FORMAT.md). Fails: false. */
bool life_source_read_obstacle(const json_t *object, struct obstacle *out);

/* Reads `alive.sources`, which may be missing. Fails: false, and nothing is in `out`. */
bool life_source_read_all(const json_t *alive, struct life_source out[LIFE_SOURCE_MAX],
                          unsigned *count);

void life_source_fini_all(struct life_source *sources, unsigned count);

/* Appends "consul is not followed since TIME, what it told until TIME stays in use: WHY. REMEDY". */
void life_source_append(const struct life_source *source, struct text *out);

/* Writes it as an object of /pool. */
void life_source_write(const struct life_source *source, struct json_writer *json);

#endif
