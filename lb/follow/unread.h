/* What a line keeps of the one before: it names sources that discovery has yet to read to the end, and what
 * these had told is still there until they say otherwise. Thread: control. */
#ifndef LB_FOLLOW_UNREAD_H
#define LB_FOLLOW_UNREAD_H

#include <jansson.h>

/* The line with the endpoints of its unread sources, and with the routes and listeners of those that own them, as
 * `before` has them. Of what both have, that of the source counts which comes first. Gives: a new object that
 * shares with both; NULL when there is nothing to keep. `line` may be any JSON; `before` is a good line or NULL. */
json_t *unread_complete(const json_t *line, const json_t *before);

#endif
