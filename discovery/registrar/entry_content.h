/* A number for all that an entry says, so that what the agent has can be compared with what it is to have.
 * An agent does not tell of what its checks are made; so each carries a mark of that in its notes. Pure. */
#ifndef DISCOVERY_REGISTRAR_ENTRY_CONTENT_H
#define DISCOVERY_REGISTRAR_ENTRY_CONTENT_H

#include <jansson.h>
#include <stdint.h>

#include "lb/base/view.h"

#define ENTRY_CONTENT_MARK_BYTES 17

/* Of a check's definition, without its notes and without what it begins with. */
void entry_content_mark(const json_t *check, char mark[ENTRY_CONTENT_MARK_BYTES]);

/* The mark in the notes of a check: empty when there is none. Borrowed. */
struct view entry_content_find_mark(const char *notes);

/* `entry`: an object as the API has them, of any type; `name_key`: "Name" as it is told, "Service" as it tells.
 * `mark`: of its check, empty: it has none. The order of pairs does not count. */
uint64_t entry_content_hash(const json_t *entry, const char *name_key, struct view mark);

#endif
