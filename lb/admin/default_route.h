/* The rule on what becomes of requests that no route matches, in words: the same ones for status, the table
 * of routes and a URL. */
#ifndef LB_ADMIN_DEFAULT_ROUTE_H
#define LB_ADMIN_DEFAULT_ROUTE_H

#include "lb/follow/membership.h"

/* Appends it as it holds now, a sentence or two: "What no route matches gets 404, …". Thread: control. */
void default_route_append(const struct membership *membership, struct text *out);

#endif
