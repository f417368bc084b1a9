/* A line of lb-discovery as JSON. The next line mostly says of a route, a service or an endpoint what
 * the last one said, in the same bytes: that is not parsed again but is the same JSON object. */
#ifndef LB_FOLLOW_STATE_LINE_H
#define LB_FOLLOW_STATE_LINE_H

#include <jansson.h>

#include "lb/base/text.h"

struct state_line_piece;

enum state_line_kind {
    STATE_LINE_ROUTES,
    STATE_LINE_LISTENERS,
    STATE_LINE_SERVICES,
    STATE_LINE_ENDPOINTS,
    STATE_LINE_KIND_COUNT
};

/* Where the objects of a kind are in the text, one behind the other. */
struct state_line_pieces {
    struct state_line_piece *items;
    size_t count, room;
};

struct state_line {
    json_t *root; /* NULL: none yet */
    struct text text;
    struct state_line_pieces pieces[STATE_LINE_KIND_COUNT];
};

/* Forgets the content, keeps the memory. */
void state_line_clear(struct state_line *line);

void state_line_fini(struct state_line *line);

/* Parses `bytes`, as json_loadb with JSON_REJECT_DUPLICATES would, into `line`, whose content goes
 * and whose memory is used again; objects that `before` has in the same bytes are shared with it.
 * Fails: false, and `problem` says where and why. */
bool state_line_parse(struct state_line *line, const struct state_line *before, struct view bytes,
                      struct text *problem);

/* Takes another root in place of the one that was parsed: its objects are not found again by their bytes. */
void state_line_replace(struct state_line *line, json_t *root);

#endif
