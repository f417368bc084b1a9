/* Idle connections to endpoints, per worker: latest used first, so that the others can age. */
#ifndef LB_BACK_UPSTREAM_CACHE_H
#define LB_BACK_UPSTREAM_CACHE_H

#include "lb/back/back.h"

#define UPSTREAM_CACHE_MAX 256u /* idle connections per endpoint and worker */

/* Gives an idle connection to the endpoint, ready for back_send_begin, or NULL. By https only one that trusts whom
 * `service` trusts now. */
struct back *upstream_cache_take(struct fleet *fleet, const struct service_local *service,
                                 struct endpoint *endpoint, const struct back_handler *handler,
                                 void *owner);

/* Takes an upstream whose response is complete: keeps it for the next request if it can serve one
 * and its endpoint is still to be used, else closes it. */
void upstream_cache_put(struct back *back);

/* The same two for requests beside those of clients. They are few: theirs are calls, so that the others
 * have one caller each and are none. */
struct back *upstream_cache_take_aside(struct fleet *fleet, const struct service_local *service,
                                       struct endpoint *endpoint,
                                       const struct back_handler *handler, void *owner)
    __attribute__((cold, noinline));
void upstream_cache_put_aside(struct back *back) __attribute__((cold, noinline));

/* Closes idle connections of endpoints that are not usable any more. After each new snapshot, of
 * which `pool` is the one in use; NULL: there is none. */
void upstream_cache_sweep(struct fleet *fleet, const struct pool *pool);

/* Closes an idle connection, one that has been idle for long, so that another can be opened. False:
 * there is none. */
bool upstream_cache_make_room(struct fleet *fleet);

/* The same, one to the endpoint. */
bool upstream_cache_make_place(struct fleet *fleet, struct endpoint *endpoint);

/* Closes all to the endpoint: its host is lost. */
void upstream_cache_let_go(struct fleet *fleet, struct endpoint *endpoint);

/* Closes those that other workers have asked for. */
void upstream_cache_yield(struct fleet *fleet);

/* Closes all idle connections. */
void upstream_cache_clear(struct fleet *fleet);

#endif
