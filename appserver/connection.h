/* One client's connection: reads requests, one at a time, and sends their answers. It closes and
 * frees itself. Thread: the loop's. */
#ifndef APPSERVER_CONNECTION_H
#define APPSERVER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "appserver/access_log.h"
#include "appserver/exception.h"
#include "appserver/metrics.h"
#include "appserver/routes.h"
#include "lb/base/list.h"

/* What all connections share. */
struct site {
    uv_loop_t *loop;
    struct routes routes;
    struct access_log log;
    struct exception_desk desk;
    struct metrics metrics;
    struct list connections;
    unsigned connection_count;
    unsigned connection_max; /* what file descriptors allow */
    uint64_t keepalive_ms;   /* 0: every answer closes its connection */
    uint64_t wait_ms;        /* how long a peer may keep us waiting */
    bool stopping;           /* answers say close, idle connections go */
};

struct connection;

/* Takes the next client of `listener`, inside its connection callback. Borrows `site` until the
 * connection is gone. */
void connection_accept(struct site *site, uv_stream_t *listener);

/* Takes a connected socket. Borrows `site` likewise. */
void connection_adopt(struct site *site, uv_os_sock_t fd);

/* Tells all connections that site->stopping was set: the idle ones close, the others finish. */
void connection_stop_all(struct site *site);

/* Closes all connections, whatever they do. Gives how many there were. */
unsigned connection_close_all(struct site *site);

#endif
