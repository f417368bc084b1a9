/* One pass over all containers that lb knows, each with all that is to be said of it. */
#ifndef LB_ADMIN_EXPLAIN_WALK_H
#define LB_ADMIN_EXPLAIN_WALK_H

#include "lb/admin/url_https.h"
#include "lb/crew/listener_standing.h"
#include "lb/follow/facts.h"
#include "lb/policy/library.h"
#include "lb/pool/pool.h"

/* What is known. */
struct explain {
    const struct pool *pool;             /* NULL: none yet */
    const struct membership *membership; /* what is left out */
    uint64_t now_ms;                     /* the loop's clock */
    const struct library *library;       /* the files of users; NULL: not read */
    struct url_https https;
    const struct certificates_page *certificates; /* NULL: nothing is said of them */
    bool
        is_about_host; /* what is asked about is a host of some route: a certificate that it has not is told */
    const struct listener_standings *listeners; /* NULL: nothing is known of them */
    bool orders_none;                           /* lb was started without --acme */
};

struct explain_subject {
    const char *id, *container, *name, *service;
    enum service_kind kind;            /* of the service that it is a server of */
    const struct endpoint *endpoint;   /* NULL: left out */
    const struct pool_service *listed; /* the service; NULL: left out */
    bool is_routed;
    const char *word;
    const char *why;
    const char *remedy;
    const char *remark; /* on its labels; NULL: none */
    struct facts facts;
    const char *wishes;              /* what is asked of its service; NULL: nothing */
    const struct backends *backends; /* with the names of an endpoint */
    uint64_t since_ns;
    uint64_t paused_until_ms; /* its service's requests wait, by the loop's clock; 0: they do not */
    uint64_t now_ms;
};

#define EXPLAIN_KIND_BIT(kind) (1u << (kind))

struct explain_walk {
    const struct explain *explain;
    struct view subject; /* what a human calls it; empty: all */
    struct view service; /* only those of it; a NULL pointer: of all */
    unsigned kinds;      /* EXPLAIN_KIND_BIT of those of which servers are told; 0: all */
    bool is_of_left_out; /* only of those that are */
    bool is_brief;       /* a remark only with the first of its container */
    unsigned limit;      /* more are only counted; 0: none */
    void (*write)(void *out, const struct explain_subject *subject); /* borrows */
    void *out;
    /* its own */
    unsigned count;
    json_t *index;    /* of facts_index() */
    json_t *remarked; /* containers whose remark was told */
};

/* Calls `write` for each that is meant, and gives how many those are. Thread: control. */
unsigned explain_walk_run(struct explain_walk *walk);

#endif
