/* What the pool should be, by the latest good line of discovery or by the command line. */
#ifndef LB_FOLLOW_MEMBERSHIP_H
#define LB_FOLLOW_MEMBERSHIP_H

#include "lb/contract/limits.h"
#include "lb/follow/backends.h"
#include "lb/follow/listener_rules.h"
#include "lb/follow/reach.h"
#include "lb/follow/route_keeper.h"
#include "lb/follow/serving.h"
#include "lb/follow/sign_of_life.h"
#include "lb/follow/state_line.h"
#include "lb/pool/pool_build.h"

enum membership_news {
    MEMBERSHIP_REFUSED,
    MEMBERSHIP_CHANGED, /* there is another pool to build */
    MEMBERSHIP_ALIVE,   /* a sign of life, and no more */
};

/* What is done with requests that no route holds for. */
enum membership_unrouted {
    MEMBERSHIP_BY_ROUTES,  /* refused where there are routes, else to the default service */
    MEMBERSHIP_TO_DEFAULT, /* to the default service, if no route knows host or path */
    MEMBERSHIP_NOT_FOUND,
    MEMBERSHIP_UNAVAILABLE,
};

struct membership {
    const char *service; /* the default one; borrowed */
    enum membership_unrouted unrouted;
    uint64_t now_ms;         /* the loop's clock; to be set before each call */
    struct state_line line;  /* the latest good one; the strings below live in it */
    struct state_line spare; /* for the next one */
    struct pool_wanted wanted;
    struct arena names;      /* of its services, and what is asked of these */
    struct text passed_over; /* of services in the latest line: what lb cannot do */
    struct route_keeper routes;
    struct listener_keeper claims;   /* who asks for TCP and UDP listeners */
    struct listener_wishes wishes;   /* these, and the operator's own rules */
    struct listener_rules listeners; /* settled */
    json_t *
        told_remarks; /* of containers that are refused a listener, with discovery's own; NULL: none */
    struct backends backends; /* of --backend; none with another source */
    struct reach reach;       /* endpoints of lines elsewhere are left out, as `bad_address` */
    struct sign_of_life life;
    bool is_completed;   /* the line at hand has what its unread sources had told before */
    bool is_recalled;    /* it is what an lb-proxy before this one was told */
    uint64_t line_count; /* without signs of life */
    uint64_t bad_line_count;
    uint64_t last_line_ns; /* wall clock; 0: none yet */
};

/* Borrows `service`. */
void membership_init(struct membership *membership, const char *service);

/* Other listeners of the operator's, and another range, from now on. What is wanted follows from the line at
 * hand. Borrows the rules in place of the old ones. */
void membership_listen(struct membership *membership, const struct listener_rule *rules,
                       unsigned count, const struct listener_range *dynamic);

/* What leads to services. Borrowed. */
struct leading membership_leading(const struct membership *membership);

/* Whether lb serves that service in any way: it is the default one, or a route or a listener leads to it. */
bool membership_serves(const struct membership *membership, const char *service);

/* Another service is the default from now on: what is wanted follows from the line at hand. Borrows
 * `service` in place of the old one. */
void membership_route(struct membership *membership, const char *service);
void membership_fini(struct membership *membership);

/* Takes a line of lb-discovery (discovery/FORMAT.md). Fails: MEMBERSHIP_REFUSED, `problem` names
 * the JSON path and what is wrong; what was known stays. */
enum membership_news membership_read_line(struct membership *membership, struct view line,
                                          struct text *problem);

/* Takes what an lb-proxy before this one was told, until discovery itself tells; counts it neither as a line nor as a bad
 * one. Fails as membership_read_line. */
enum membership_news membership_recall(struct membership *membership, struct view line,
                                       struct text *problem);

/* When membership_expire has something to do, by the loop's clock; UINT64_MAX: never. */
uint64_t membership_next_ms(const struct membership *membership);

/* Lets go of routes and listeners that were lost long enough ago. True: there is another pool to build. */
bool membership_expire(struct membership *membership);

/* The endpoints of --backend, in place of those there were; ids are "address:port". Takes what
 * `backends` owns. */
void membership_take_backends(struct membership *membership, struct backends *backends);

/* What discovery remarks on that container's labels, and which listeners it asks for in vain; NULL: nothing.
 * Borrowed until the next line. */
const char *membership_remark(const struct membership *membership, const char *id);

/* What the source refuses to tell discovery, one sentence after the other; NULL after the last.
 * Borrowed until the next line. */
const char *membership_loss_at(const struct membership *membership, size_t index);

#endif
