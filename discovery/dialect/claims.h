/* What a container's words claim: routes to services, and which port of the container serves in
 * which service. A dialect fills them; they own all that is borrowed in them. */
#ifndef DISCOVERY_DIALECT_CLAIMS_H
#define DISCOVERY_DIALECT_CLAIMS_H

#include "lb/contract/certificate_wish.h"
#include "lb/contract/listener_rule.h"
#include "lb/contract/route.h"
#include "lb/contract/service_option.h"

#define CLAIMS_ROUTES_MAX       1024u /* of one container */
#define CLAIMS_SERVERS_MAX      1024u
#define CLAIMS_LISTENERS_MAX    64u        /* rules, of one container */
#define CLAIMS_CERTIFICATES_MAX 100u       /* of one container */
#define CLAIMS_OPTIONS_BYTES    (1u << 20) /* of all its routes, as each of them has them */
#define CLAIMS_FORBIDDEN_STATUS 403u       /* where this client is kept out */
#define CLAIMS_DENIED_STATUS                                                                       \
    503u /* where a route asks for what lb does not have, or cannot be read */

/* A port of the container that serves in a service. */
struct claim_server {
    struct view service;
    uint16_t port;         /* 0: that of the container, whichever it is */
    const char *protocol;  /* "http", "https", "h2c", "tcp", "udp"; a constant */
    const char *port_from; /* why this port; a constant */
    bool is_site;          /* where somebody has named the container's service, that one is meant */
};

/* A listener of lb's that leads to a port of the container. */
struct claim_listener {
    struct listener_rule rule; /* its service is empty: the container's own */
    uint16_t port;         /* of the container; 0: what serves in the service, which has a name */
    const char *port_from; /* a constant, as of a server */
};

/* What is asked of a service as a whole. */
struct claim_wish {
    struct view service; /* empty: each of the container's */
    bool is_alone;       /* nothing that is asked of each is asked of this one */
    struct service_options options;
    struct service_options otherwise; /* where nobody asks for anything else */
    bool has_weight;                  /* of the requests that it shares with other services */
    unsigned weight;
};

/* Zeroed memory is empty. */
struct claims {
    struct route *routes; /* where one has no service, it is that of the container */
    size_t route_count, route_capacity;
    struct claim_server *servers;
    size_t server_count;
    struct claim_listener *listeners;
    size_t listener_count;
    struct claim_wish *wishes;
    size_t wish_count;
    void **blocks; /* what they borrow */
    size_t block_count, block_capacity;
    struct text remark; /* sentences about words that cannot be followed, "; " between them */
    size_t remark_count;
    struct text fault;   /* why the container is not to be served at all; empty: it may be */
    size_t option_bytes; /* of all routes */
    bool has_more;       /* than there may be */
    struct certificate_wish *certificates;
    size_t certificate_count;
    /* The label that asks for a certificate for all hosts of the container; or empty. */
    struct view certified_by;
    bool is_asked;      /* there are words for a site, whether they can be followed or not */
    bool asks_listener; /* there are words for a TCP or UDP listener, likewise */
};

#define CLAIMS_PROTOCOLS_ACCEPTED      "http, https, h2c, tcp or udp is accepted"
#define CLAIMS_SITE_PROTOCOLS_ACCEPTED "beside a host or a path http, https or h2c is accepted"

/* The word of a protocol in any case, as a constant; NULL: it is none. */
const char *claims_find_protocol(struct view word);

/* Whether servers of sites may speak it. */
bool claims_is_of_sites(const char *protocol);

void claims_fini(struct claims *claims);

/* A copy that lives as long as the claims. Borrowed from them. */
struct view claims_keep(struct claims *claims, struct view bytes);

/* Makes the route one that is answered CLAIMS_DENIED_STATUS: nobody else gets its requests. It loses its
 * options. `sentence` says why, the first time; it is noted with what `what` is: "its route". */
void claims_hold(struct claims *claims, struct route *route, const char *sentence,
                 const char *what);

/* Zeroed memory that lives as long as the claims. Borrowed from them. */
void *claims_room(struct claims *claims, size_t size);

/* Takes the route; what it borrows was kept before. When it cannot be one, it is told and left out. Of
 * more than CLAIMS_ROUTES_MAX those that lb answers by itself come first; with options beyond
 * CLAIMS_OPTIONS_BYTES it is held. True: it is in. */
bool claims_add(struct claims *claims, const struct route *route);

/* Whether more than CLAIMS_ROUTES_MAX were claimed; then only answers are worth looking at. */
bool claims_are_full(const struct claims *claims);

/* As claims_add does, once for each of the ranges, with the condition that the client is in it, and
 * once without, to be answered CLAIMS_FORBIDDEN_STATUS. */
bool claims_add_for_clients(struct claims *claims, const struct route *route,
                            const struct view *ranges, size_t count);

/* Takes the server, each once. */
void claims_add_server(struct claims *claims, const struct claim_server *server);

/* Takes the rule, each once, with names that are in order; what it borrows was kept before. One whose
 * service has a name that is too long for it, or that is one too many, is told and left out. */
void claims_add_listener(struct claims *claims, const struct claim_listener *listener);

/* Takes the wish, whose names are in order; what it borrows was kept before. One too many is told and left out. */
void claims_add_certificate(struct claims *claims, const struct certificate_wish *wish);

/* What is asked of that service so far; NULL: of too many. Valid until the next call. */
struct claim_wish *claims_find_wish(struct claims *claims, struct view service);

/* Asks it of the service, unless something was asked before. A value that cannot be used is told, with
 * `prefix` before its word ("lb.shop."), and left out. */
void claims_ask(struct claims *claims, struct claim_wish *wish, enum service_option_kind kind,
                struct view value, const char *prefix);

/* The same, where neither this container nor another dialect asks for anything else. */
void claims_mean(struct claims *claims, struct claim_wish *wish, enum service_option_kind kind,
                 struct view value);

/* The same for its weight: 0 to SHARE_OUT_WEIGHT_MAX. */
void claims_weigh(struct claims *claims, struct claim_wish *wish, struct view value,
                  const char *prefix);

/* Notes a sentence, each once; the first ones are told, the others counted. */
void claims_remark(struct claims *claims, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Notes why the container is not to be served; the first one counts. */
void claims_fail(struct claims *claims, const char *sentence);

/* Gives, or NULL: there is none. */
char *claims_take_fault(struct claims *claims);

/* The remarks in one, cut to what a line may have. Gives, or NULL: there is none. */
char *claims_take_remark(struct claims *claims);

/* The name of the pool of all containers that claim this host and path: "a.test", "a.test/app". */
struct view claims_name_pool(struct claims *claims, struct view host, struct view path);

#endif
