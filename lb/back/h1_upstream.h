/* A connection to an endpoint that speaks HTTP/1: sends one request at a time, reads its response, and waits idle in
 * between. Knows nothing of clients.
 *
 *   CONNECTING → SENDING → AWAITING_HEAD → RECEIVING → IDLE → SENDING … → CLOSING
 *                                        → SWITCHED → LENT → CLOSING
 */
#ifndef LB_BACK_H1_UPSTREAM_H
#define LB_BACK_H1_UPSTREAM_H

#include "lb/back/h1_upstream_state.h"

/* A status: nothing can be trusted there, as things are. */
#define H1_UPSTREAM_DISTRUSTS UV_EPROTO

/* Starts to connect; on_ready or on_failed follows, never before return. Takes a reference to the
 * endpoint by itself, and one more use of the service. NULL: it failed at once, `*status` is a
 * negative libuv error. Thread: worker.
 */
struct h1_upstream *h1_upstream_open(struct fleet *fleet, struct service_local *service,
                                     struct endpoint *endpoint, const struct back_handler *handler,
                                     void *owner, int *status);

/* How long it has been idle. */
unsigned h1_upstream_idle_ms(const struct h1_upstream *upstream);

/* Whether the idle connection still stands and holds no byte that nobody asked for. No system call
 * where the loop has just looked and had nothing to tell; what it may tell later in the same turn
 * is then no answer to a request that begins now. One call where it has not looked since the last
 * response, or so long ago that an end may wait in the kernel. */
bool h1_upstream_is_clean(struct h1_upstream *upstream);

/* After on_response_end: the connection can serve another request. One system call where the last
 * read may have left something. */
bool h1_upstream_is_reusable(struct h1_upstream *upstream);

/* The upstream waits for its next request. on_failed tells the new owner when the backend
 * (ERR_UPSTREAM_RESET) or the idle deadline (ERR_UPSTREAM_TIMEOUT) ends it. */
void h1_upstream_idle(struct h1_upstream *upstream, const struct back_handler *handler,
                      void *owner);

/* An idle upstream gets its next owner: back_send_begin may follow. */
void h1_upstream_wake(struct h1_upstream *upstream, const struct back_handler *handler,
                      void *owner);

#endif
