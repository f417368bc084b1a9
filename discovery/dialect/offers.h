/* What a container offers: what one port of it serves, and how. Any number of ports, by whichever
 * dialect it says so. */
#ifndef DISCOVERY_DIALECT_OFFERS_H
#define DISCOVERY_DIALECT_OFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/dialect/claims.h"
#include "discovery/set.h"
#include "lb/base/address.h"
#include "lb/contract/check.h"
#include "lb/contract/capacity.h"
#include "lb/contract/waits.h"

#define OFFER_PORT_FROM_BYTES 160
#define OFFERS_NO_WORD        "no label that asks for it" /* why it is disabled, instead of a word */

/* What its owner asks for. Zeroed memory, but for the weight, asks for nothing. */
struct offer_options {
    unsigned weight;
    char *network;                    /* the one to reach it by, or NULL */
    const char *network_label;        /* that names it; a constant */
    char address[ADDRESS_TEXT_BYTES]; /* its address, or "" */
    bool drains;                      /* lb.drain=true or lb.weight=0 */
    bool ignores_health;              /* its HEALTHCHECK says nothing to lb */
    bool has_check;                   /* some word of `check` is given */
    struct check check;
    bool has_slow_start;
    unsigned slow_start_ms;
    struct waits waits;
    struct capacity capacity;
};

/* A service that a port serves in. */
struct offer_service {
    char *name;
    const char *from; /* who says so; a constant */
};

struct offer {
    uint16_t port;        /* the container's own; 0: not known */
    const char *protocol; /* "http", "https", "h2c", "tcp", "udp"; a constant */
    char *service;        /* never NULL */
    bool is_guessed;      /* nobody has named the service */
    bool is_listened_for; /* a listener leads to its port in that service */
    bool is_unasked;      /* beside what is asked for; not told where it cannot be reached */
    char *service_from;   /* who says so: "lb.service", "the name of its image"; never NULL */
    char port_from[OFFER_PORT_FROM_BYTES]; /* why this port; "" where there is none */
    const struct offer_options *options;   /* of its offers; it may share them with others */
    struct offer_service *others;          /* that it serves in as well */
    size_t other_count;
};

/* What is asked of a service of the container, as a whole. */
struct offer_wish {
    const char *service;            /* borrowed from an offer */
    struct service_options options; /* borrowed from claims */
    bool has_weight;                /* of the requests that it shares with other services */
    unsigned weight;
};

struct offers {
    struct offer
        *items; /* one at least: where nothing can be offered, what is known all the same */
    size_t count;
    struct offer_options **options; /* of one offer or of several each; owned */
    size_t options_count;
    struct route *routes; /* they borrow from `claims`, and from the services of items */
    size_t route_count;
    struct listener_rule *listeners; /* likewise */
    size_t listener_count;
    struct certificate_wish *certificates; /* likewise */
    size_t certificate_count;
    struct offer_wish *wishes; /* each service once */
    size_t wish_count;
    struct claims *claims; /* one for each dialect */
    size_t claims_count;
    bool is_named;              /* lb.service is given */
    char *disabled_by;          /* "lb.enable=no" or what else leaves the container out, or NULL */
    enum left_out_reason fault; /* why nothing can be offered; LEFT_OUT_REASON_COUNT: it can */
    char *fault_detail;         /* a sentence on that, else NULL */
    char *remark;               /* a sentence about words that are not known, or NULL */
};

/* Of UDP; else of TCP, whatever is spoken. */
bool offers_is_udp(const struct offer *offer);

/* NULL: it is not offered as one of UDP, or of TCP. Valid until one is added. */
struct offer *offers_find(const struct offers *offers, uint16_t port, bool of_udp);

/* Adds an offer that has no name of a service yet. It stays where it is until the next one. */
struct offer *offers_add(struct offers *offers, uint16_t port, const char *protocol,
                         const char *port_from);

/* Takes one away, which has no other services. */
void offers_remove(struct offers *offers, size_t index);

/* Lets it serve in that service as well; `from`, a constant, says so. Gives its name, borrowed from the
 * offer. */
const char *offers_serve(struct offer *offer, struct view service, const char *from);

/* Nothing can be offered, for that reason; the first one counts. Takes `detail`. */
void offers_fail(struct offers *offers, enum left_out_reason fault, char *detail);

/* Takes what a dialect claims: its routes, and the ports that serve in further services, which `from`, a
 * constant, names. Items are there before, with their ports and services. */
void offers_take_claims(struct offers *offers, struct claims *claims, const char *from);

/* Whether the offer serves in the service that it has by itself: not in one that nobody has named
 * where others are claimed for the port, as what was meant for them is not mixed with what else has the
 * same image; unless a route or a listener leads there. */
bool offers_is_served(const struct offers *offers, const struct offer *offer);

/* Adds the endpoint to `set` once for each service that the offer serves in; `endpoint` has all but what the
 * further services change, and loses its remark, which is told once. */
void offers_tell(const struct offers *offers, const struct offer *offer,
                 struct set_endpoint *endpoint, struct set *set);

/* Makes the wishes, once all claims are taken: for a service the first dialect's count. */
void offers_settle_wishes(struct offers *offers);

/* The container is left out for that word; the first one counts. */
void offers_disable(struct offers *offers, const char *word);

void offers_fini_options(struct offer_options *options);

/* Keeps options for one or more of the offers; stay where they are until offers_fini. Takes what
 * `options` owns. */
const struct offer_options *offers_keep_options(struct offers *offers,
                                                struct offer_options *options);

/* Of all that a container offers; zeroed afterwards. */
void offers_fini(struct offers *offers);

#endif
