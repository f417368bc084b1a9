/* One connection of the load to the proxy: sends a request, reads its answer, tallies what came of
 * it, and is idle until the next. Nothing is ever sent twice. */
#ifndef TESTS_CHAOS_LOAD_CONNECTION_H
#define TESTS_CHAOS_LOAD_CONNECTION_H

#include "bench/tls.h"
#include "lb/base/address.h"
#include "lb/base/list.h"
#include "tests/chaos/load/tally.h"

#define CONNECTION_TIMEOUT_NS 20000000000u /* from the request's begin to the answer's end */

enum connection_state {
    CONNECTION_CONNECTING,
    CONNECTION_SHAKING, /* hands, by TLS */
    CONNECTION_ASKING,  /* sends, and reads what comes meanwhile */
    CONNECTION_IDLE,
    CONNECTION_CLOSED, /* free it */
};

struct connection {
    struct list node;
    struct tally *tally;
    int epoll;
    int fd;
    SSL *tls; /* NULL: plain */
    enum connection_state state;
    bool was_used;  /* has served a request before this one */
    bool is_single; /* closes after one answer */
    size_t sent;    /* of the head and the body */
    struct request request;
    struct answer answer;
};

/* Where to, and how. All borrowed. */
struct connection_way {
    const struct address *to;
    SSL_CTX *tls; /* NULL: plainly */
    int epoll;
    struct tally *tally;
};

/* Begins to connect; the request that is in `request` goes out when it has. Gives: free() it when
 * it is CONNECTION_CLOSED. */
struct connection *connection_open(const struct connection_way *way, const struct request *request,
                                   bool is_single);

/* Sends `request` on an idle connection. False: the proxy had closed it while it was idle; it is
 * CONNECTION_CLOSED now, and nothing was sent. */
bool connection_ask(struct connection *connection, const struct request *request);

/* The descriptor is ready. */
void connection_on_ready(struct connection *connection);

/* Fails the request that takes too long, if it does. */
void connection_check_time(struct connection *connection, uint64_t now_ns);

#endif
