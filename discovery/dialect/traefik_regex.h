/* Go's regular expressions and what they are replaced by, in lb's words: $1 to $9 for parentheses, $$
 * for a dollar. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_REGEX_H
#define DISCOVERY_DIALECT_TRAEFIK_REGEX_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define TRAEFIK_GROUPS_MAX 9u

/* How many parentheses of it keep what they find. */
unsigned traefik_regex_count_groups(struct view regex);

/* Whether it is plain that it is found once in a text: Traefik replaces all that it finds, lb the first. */
bool traefik_regex_is_found_once(struct view regex);

/* Appends what a replacement of Go (regexp.Expand) says: $1, ${1}, $name, ${name}; one that names no
 * parenthesis stands for nothing, as there. Fails: false, it names one behind the ninth. */
bool traefik_regex_append_replacement(struct view regex, struct view replacement, struct text *out);

#endif
