/* The options behind the host and the path of a fabio tag: strip=, redirect=, auth= and so on. Pure. */
#ifndef DISCOVERY_DIALECT_FABIO_OPTIONS_H
#define DISCOVERY_DIALECT_FABIO_OPTIONS_H

#include "discovery/dialect/claims.h"
#include "discovery/dialect/route_wishes.h"

/* What one tag asks for. */
struct fabio_wishes {
    struct claims *claims;
    struct view tag;
    struct route route;
    struct claim_server server;
    struct route_wishes options;
    unsigned percent;    /* of the requests that others want as well; 0: it does not say */
    bool believes;       /* tlsskipverify=true: servers by https are not verified */
    bool is_left_out;    /* it leads nowhere */
    const char *refused; /* why it is not served; a constant; NULL: it is */
};

/* Notes a sentence about the tag. */
void fabio_options_remark(const struct fabio_wishes *wishes, const char *what);

/* One of them, "WORD=VALUE"; the route's host and path are there. */
void fabio_options_read(struct fabio_wishes *wishes, struct view option);

/* Once all are read: what is refused becomes an answer. */
void fabio_options_settle(struct fabio_wishes *wishes);

#endif
