/* The door to libcurl: requests by HTTP to servers, one pool of connections for each, all on one
 * loop (fetch_loop.h). Handlers are called from fetch_loop_turn() only, outside of libcurl, so they
 * may start and cancel any request. */
#ifndef DISCOVERY_NET_FETCH_H
#define DISCOVERY_NET_FETCH_H

#include "discovery/net/fetch_request.h"
#include "discovery/net/fetch_tls.h"
#include "discovery/net/fetch_token.h"
#include "discovery/net/server_url.h"

struct fetch_loop;
struct fetch_pool;

/* The connections to one server. Borrows `loop`, copies `server`. Gives: fetch_pool_close(). */
struct fetch_pool *fetch_pool_open(struct fetch_loop *loop, const struct server_url *server);

/* How a server wants to be spoken to, beside where it is. All is borrowed until the pool is closed. Zeroed
 * memory asks for nothing. */
struct fetch_pool_options {
    struct fetch_tls tls;             /* where the URL is of https */
    struct fetch_token_options token; /* shown with each request */
};

/* The same for a server with such. */
struct fetch_pool *fetch_pool_open_with(struct fetch_loop *loop, const struct server_url *server,
                                        const struct fetch_pool_options *options);

/* What is wrong with its token, a sentence; "": nothing. As the last request has found it. Borrowed. */
const char *fetch_pool_token_problem(const struct fetch_pool *pool);

/* Cancels every request to it. */
void fetch_pool_close(struct fetch_pool *pool);

/* Starts a request. The result is valid until on_done or fetch_cancel(). Takes nothing. Fails
 * only by on_done. */
struct fetch *fetch_start(struct fetch_pool *pool, const struct fetch_request *request);

/* No handler of this request is called any more. Not from its own on_done. */
void fetch_cancel(struct fetch *fetch);

/* Of the request whose on_done is being called; FETCH_FINE in all other calls. Borrowed. */
const struct fetch_failure *fetch_pool_failure(const struct fetch_pool *pool);

/* A response header by its name, "" when there is none. Borrowed for the call of on_done. */
const char *fetch_header(const struct fetch *fetch, const char *name);

const char *fetch_library_version(void);

#endif
