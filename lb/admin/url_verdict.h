/* What becomes of a request: as workers decide it, and with what they do not look at, for people: what
 * comes next, what is overruled, what nearly holds. */
#ifndef LB_ADMIN_URL_VERDICT_H
#define LB_ADMIN_URL_VERDICT_H

#include "lb/admin/url_https.h"
#include "lb/admin/url_question.h"
#include "lb/pool/pool.h"

#define URL_VERDICT_LISTED_MAX 5u

/* Some of the rules of a table. */
struct url_verdict_rules {
    uint32_t numbers[URL_VERDICT_LISTED_MAX];
    uint32_t count; /* of all of them */
};

struct url_verdict {
    const struct route_table *table; /* NULL: there are no routes */
    uint32_t winner, next;           /* ROUTE_TABLE_NONE: none; the next does something else */
    bool is_in_doubt; /* a regex of the winner takes too many steps: nobody gets the request */
    bool depends_on_client;             /* a route for this host and path looks at it */
    uint32_t alike_count;               /* others for the same requests that do the same */
    struct url_verdict_rules overruled; /* for the same requests, that do something else */
    struct url_verdict_rules near;      /* where none holds: those of this host */
    /* What of each of these does not hold: a condition, or NULL: the path. */
    const struct route_condition *near_faults[URL_VERDICT_LISTED_MAX];
    struct view nearest_host; /* where none is of this host: one that is spelt alike */
    unsigned
        status; /* lb answers by itself: 301 to 308, 400, 403, 404 or 503; 0: the service does */
    enum url_https_way way;             /* how its scheme is taken */
    bool is_kept_out;                   /* 403, as the route lets only others in */
    struct view missing;                /* 503, as this file of users is not there; empty: it is */
    struct text location;               /* where the route sends the client; empty: nowhere */
    const struct routes_target *target; /* NULL: no service */
    const struct routes_group *group;   /* that the service is of; NULL: it gets all */
    struct text sent;                   /* the path that a server gets; empty: as it came */
    struct view prefix;                 /* X-Forwarded-Prefix; empty: none */
    unsigned usable_count;              /* endpoints of the service that get requests */
};

/* Of the pool, which stays as it is, and its routes. Looks at all of them, one by one. To be handed to
 * url_verdict_fini. Thread: control. */
void url_verdict_find(const struct pool *pool, const struct url_https *https,
                      struct url_question *question, struct url_verdict *out);

void url_verdict_fini(struct url_verdict *verdict);

/* How many endpoints of it get requests. */
unsigned url_verdict_count_usable(const struct routes_target *target);

#endif
