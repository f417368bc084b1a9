/* Who may ask the admin listener for what; pure. */
#ifndef LB_ADMIN_ADMIN_ACCESS_H
#define LB_ADMIN_ADMIN_ACCESS_H

#include "lb/http/head.h"

struct admin_rules {
    const char *secret;   /* the token, not empty; NULL: none is asked for */
    const char *host;     /* a name of lb's own; NULL: none */
    bool is_behind_proxy; /* what a proxy passes on is answered too */
    bool is_read_only;    /* orders are taken only from here */
    bool is_from_here;    /* the asker's address is a loopback one */
};

enum admin_demand {
    ADMIN_DEMAND_HEALTH,  /* answered to everybody */
    ADMIN_DEMAND_NOTHING, /* a page that tells nothing: no token is needed */
    ADMIN_DEMAND_READ,
    ADMIN_DEMAND_CHANGE,
};

enum admin_access {
    ADMIN_ACCESS_OK,
    ADMIN_ACCESS_PROXIED,        /* a proxy, maybe this very lb, has passed it on */
    ADMIN_ACCESS_NO_ORDERS,      /* it gives one, from elsewhere */
    ADMIN_ACCESS_NO_TOKEN,       /* it is asked for, and the request has another one or none */
    ADMIN_ACCESS_FOREIGN_ORIGIN, /* a page of another site sent it from somebody's browser */
    ADMIN_ACCESS_FOREIGN_HOST,   /* the same, where that site's name was made to lead here */
    ADMIN_ACCESS_FOREIGN_PAGE,   /* the same for reading: Host is a name that could be anybody's */
};

/* Whether the request may have what it wants. */
enum admin_access admin_access_check(const struct head *head, const struct admin_rules *rules,
                                     enum admin_demand demand);

/* The value of the first field of that name, which lb/http has no id for; or an empty view. */
struct view admin_access_field(const struct head *head, struct view name);

#endif
