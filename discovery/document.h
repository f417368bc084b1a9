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

/* The string under `key`, "" when there is none or it is no string. Borrowed from `object`;
 * `object` may be NULL or of any type. */
const char *document_str(const json_t *object, const char *key);

/* The boolean under `key`; anything else is false. */
bool document_bool(const json_t *object, const char *key);

/* The integer under `key`, else `otherwise`. */
json_int_t document_int(const json_t *object, const char *key, json_int_t otherwise);

#endif
