/* What all clients of a worker share. */
#ifndef LB_FRONT_CROWD_STATE_H
#define LB_FRONT_CROWD_STATE_H

#include "lb/base/slab.h"
#include "lb/front/front_options.h"
#include "lb/http/date.h"
#include "lb/http/relay.h"
#include "lb/net/loop.h"
#include "lb/observe/metrics.h"
#include "lb/tls/tls_server.h"

/* While lb drains, one that has not asked yet may do so for so long. */
#define CROWD_FIRST_REQUEST_MS 1000u

struct crowd {
    struct loop *loop;
    struct metrics *metrics; /* of the worker */
    struct slab *parsers;    /* of the worker */
    struct front_options options;
    struct parser_setup request_setup;
    struct list idle_clients;        /* between requests, longest first */
    struct list busy_clients;        /* all others */
    struct list shaking_clients;     /* they shake hands, longest first */
    struct list queued_clients;      /* they wait for their turn to do so, longest first */
    struct list guests;              /* struct guest: those that speak no HTTP */
    unsigned client_count;           /* guests among them */
    unsigned closing_client_count;   /* of these */
    unsigned shaking_count;          /* in shaking_clients */
    struct loop_task handshake_turn; /* there may be room for one that is queued */
    struct tls_server *tls_server;   /* borrowed; NULL: no TLS is spoken */
    bool is_leaving;                 /* answers say that the connection closes */
    bool is_draining;                /* and so do connections that were told otherwise */
    struct relay to_client;          /* what the running read collects; empty in between */
    struct date date;                /* see crowd_date */
    struct slab client_slab;
    /* Clients were cut off because more waited than may. NULL: nobody wants to know. */
    void (*on_full)(void);
    /* Too many are there: a client that has not asked yet is refused or gives way. Likewise. */
    void (*on_crowded)(void);
    /* A TLS handshake did not go well; a sentence of handshakes.h. Likewise. */
    void (*on_failed_handshake)(const char *why);
};

/* Clients that are not closing: those have given their descriptors back. */
static inline unsigned crowd_present_count(const struct crowd *crowd)
{
    return crowd->client_count - crowd->closing_client_count;
}

/* Now, as the value of Date; made anew when a second is over. */
static inline struct view crowd_date(struct crowd *crowd)
{
    if (loop_now_ms(crowd->loop) >= crowd->date.until_ms)
        date_make(&crowd->date, loop_now_ms(crowd->loop), loop_wall_ns(crowd->loop));
    return date_text(&crowd->date);
}

#endif
