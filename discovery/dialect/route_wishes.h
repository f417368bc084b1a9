/* What a container asks for a route of its own, beside host and path: options of lb/contract/
 * route_option.h, by their kinds. One that cannot be followed and keeps somebody out, or changes what
 * is served, holds the route: lb answers for it. One that is only a comfort is told and left out. Pure. */
#ifndef DISCOVERY_DIALECT_ROUTE_WISHES_H
#define DISCOVERY_DIALECT_ROUTE_WISHES_H

#include "discovery/dialect/claims.h"

/* By kind; what is empty is not asked for, but for those that keep others out, whose pointer tells.
 * Zeroed memory asks for nothing. */
struct route_wishes {
    struct view values[ROUTE_OPTION_COUNT];
};

/* Whether it lets only some in, so that an empty value is a mistake. */
bool route_wishes_keeps_out(enum route_option_kind kind);

/* Whether a route is not to be served without it. */
bool route_wishes_is_needed(enum route_option_kind kind);

/* The first that is asked for, of those that are needed; then of all. ROUTE_OPTION_COUNT: none. */
enum route_option_kind route_wishes_first(const struct route_wishes *wishes);

/* Gives the route what is asked for; a held one stays as it is. `prefix` comes before the words in what
 * is told: "lb.shop.". */
void route_wishes_take(const struct route_wishes *wishes, const char *prefix, struct claims *claims,
                       struct route *route);

/* The needed kind that a word, in small letters, may mean though it is none: "rates", "basic-auth",
 * "whitelist". ROUTE_OPTION_COUNT: none. */
enum route_option_kind route_wishes_guess(struct view word);

/* The same, of words that are nearly as they should be. */
enum route_option_kind route_wishes_guess_near(struct view word);

#endif
