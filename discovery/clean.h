/* Names from outside, made fit to be shown: bounded and without control characters. */
#ifndef DISCOVERY_CLEAN_H
#define DISCOVERY_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/view.h"

#define CLEAN_NAME_MAX_BYTES 255

/* A NUL-terminated copy of at most `max_bytes`, cut between UTF-8 characters; each control
 * character becomes '?'. Gives: the caller frees it. */
char *clean_copy(struct view bytes, size_t max_bytes);

/* True when clean_copy() would change nothing. */
bool clean_is_clean(struct view bytes, size_t max_bytes);

#endif
