/* Writes a set as one line of FORMAT.md. Pure. */
#ifndef DISCOVERY_EMIT_H
#define DISCOVERY_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/set.h"
#include "lb/base/text.h"

/* Of the lines that are written. */
#define EMIT_VERSION 2

enum emit_result {
    EMIT_LINE,      /* `line` holds the line, its LF included */
    EMIT_UNCHANGED, /* it would say the same as the last one */
    EMIT_TOO_LONG,  /* no line: it would be longer than a reader takes */
};

struct emit {
    struct text last; /* of the last line, all but the time */
};

void emit_fini(struct emit *emit);

/* Replaces the content of `line`. `set` is sorted. */
enum emit_result emit_line(struct emit *emit, const struct set *set, const char *source,
                           uint64_t wall_ns, struct text *line);

/* The last line once more, with another time. Gives false when there was none. */
bool emit_again(const struct emit *emit, const char *source, uint64_t wall_ns, struct text *line);

/* How many bytes of a line one of these takes, at most; `scratch` is written over. With an endpoint all
 * of its service is counted, as `set`, which is sorted, has it. */
size_t emit_endpoint_bytes(const struct set *set, const struct set_endpoint *endpoint,
                           struct text *scratch);
size_t emit_route_bytes(const struct route *route, struct text *scratch);
size_t emit_listener_bytes(const struct listener_rule *listener, struct text *scratch);
/* Of all of the set's. */
size_t emit_certificates_bytes(const struct set *set, struct text *scratch);
size_t emit_left_out_bytes(const struct set_left_out *left_out, struct text *scratch);

#endif
