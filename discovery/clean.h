/* Names from outside, made fit to be shown: bounded, UTF-8, without control characters (utf8.h). */
#ifndef DISCOVERY_CLEAN_H
#define DISCOVERY_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/view.h"

/* A NUL-terminated copy of at most `max_bytes`, cut between UTF-8 characters; each control
 * character, and each byte that is no UTF-8, becomes '?'. Gives: the caller frees it. */
char *clean_copy(struct view bytes, size_t max_bytes);

/* The same for what a program wrote: lines and gaps become one space, ends are trimmed. */
char *clean_sentence(struct view bytes, size_t max_bytes);

/* True when clean_copy() would change nothing. */
bool clean_is_clean(struct view bytes, size_t max_bytes);

#endif
