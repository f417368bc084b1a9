/* What a member of a line says of how much it takes at a time, see lb/contract/capacity.h. */
#ifndef LB_FOLLOW_MEMBER_CAPACITY_H
#define LB_FOLLOW_MEMBER_CAPACITY_H

#include <jansson.h>

#include "lb/contract/capacity.h"

/* Reads it from the object of an endpoint. Fails: the key that is wrong, and what it wants instead;
 * static words. NULL: all is well. */
const char *member_capacity_read(const json_t *object, struct capacity *out, const char **want);

#endif
