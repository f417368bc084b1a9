/* A worker's flows over real sockets on loopback, with clients and servers that do what a test says. One at a
 * time. Includes cmocka. */
#ifndef TESTS_UNIT_PROXY_FLOW_CASE_H
#define TESTS_UNIT_PROXY_FLOW_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lb/proxy/flow_table.h"

#define FLOW_CASE_SERVERS 4

#define FLOW_CASE_IDLE_MS 60000u /* of tests that do not wait for it */

struct flow_case {
    struct loop loop;
    uv_timer_t tick;
    struct env env;
    struct flow_gate *gate;
    struct address at;
    struct listener_table *rules;
    struct pool *pool;
    struct service_policy policy; /* of snapshots to come */
    unsigned max_inflight;        /* of endpoints, likewise */
    unsigned weight;              /* of endpoints, likewise */
    const char *balance;          /* an option of the service, likewise; NULL: as is usual */
    const char *service;          /* that the listener leads to, likewise */
    /* 127.0.0.21 and so on; -1: its port is closed */
    int servers[FLOW_CASE_SERVERS];
    struct address server_at[FLOW_CASE_SERVERS];
    struct address heard_from; /* by a server, last */
    /* of the latest record */
    unsigned record_count;
    struct record record;
    char record_texts[4][64]; /* listener, client_ip, endpoint_name, service */
};

/* A listener there, and a snapshot with a letter for each server: "r" ready, "d" draining, "u" unhealthy, "g" gone. */
void flow_case_open(struct flow_case *c, const char *listener, const char *letters);

/* Ends everything, and checks that nothing is left. */
void flow_case_close(struct flow_case *c);

void flow_case_publish(struct flow_case *c, const char *letters);

/* Gives a socket that speaks to the listener, at `ip` where that is a wildcard; from a port of its own. */
int flow_case_client(const struct flow_case *c, const char *ip);

void flow_case_say(int fd, const char *words);

/* Lets the loop turn until the server with that number has got these words; it can answer then. */
void flow_case_expect(struct flow_case *c, unsigned server, const char *words);
void flow_case_answer(struct flow_case *c, unsigned server, const char *words);

/* Lets it turn until a server has got them, and says which. */
unsigned flow_case_find(struct flow_case *c, const char *words);

/* The same until the client has got them; and, that it gets nothing. */
void flow_case_hear(struct flow_case *c, int fd, const char *words);
void flow_case_hear_nothing(struct flow_case *c, int fd);

/* Lets the loop turn for some milliseconds; until so many records have come. */
void flow_case_turn(struct flow_case *c, unsigned ms);
void flow_case_await_records(struct flow_case *c, unsigned count);

void flow_case_close_server(struct flow_case *c, unsigned server);
void flow_case_reopen_server(struct flow_case *c, unsigned server);

/* What is counted of the service. */
const struct passing *flow_case_passing(const struct flow_case *c);

/* The endpoint of that server; NULL: it is not listed. */
struct endpoint *flow_case_endpoint(const struct flow_case *c, unsigned server);

#endif
