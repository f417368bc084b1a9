/* JSON from a stranger. Strings in the result never hold a NUL byte: each is written as U+FFFD, so
 * a label with "\u0000" in it cannot make a whole answer unreadable. */
#ifndef DISCOVERY_DOCUMENT_H
#define DISCOVERY_DOCUMENT_H

#include <jansson.h>

#include "lb/base/view.h"

#define DOCUMENT_ERROR_BYTES 256

/* Parses one document. Gives: json_decref() it. Fails: NULL, and `error` (when not NULL, of
 * DOCUMENT_ERROR_BYTES) says where and what. */
json_t *document_parse(struct view bytes, char *error);

/* The same for a file that an operator writes: a key that stands twice in an object is a mistake. */
json_t *document_parse_own(struct view bytes, char *error);

#endif
