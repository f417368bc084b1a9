/* What the pool should be, by the latest good line of discovery or by the command line. */
#ifndef LB_RUN_MEMBERSHIP_H
#define LB_RUN_MEMBERSHIP_H

#include <jansson.h>

#include "lb/base/json_writer.h"
#include "lb/pool/pool_build.h"
#include "lb/run/sign_of_life.h"

#define MEMBERSHIP_ENDPOINT_MAX 10000u
#define MEMBERSHIP_LEFT_OUT_MAX 50000u

enum membership_news {
    MEMBERSHIP_REFUSED,
    MEMBERSHIP_CHANGED, /* there is another pool to build */
    MEMBERSHIP_ALIVE,   /* a sign of life, and no more */
};

struct membership {
    const char *service; /* the one that is routed; borrowed */
    json_t *line;        /* the latest good one; the strings below live in it */
    struct pool_wanted wanted;
    struct sign_of_life life;
    uint64_t line_count; /* without signs of life */
    uint64_t bad_line_count;
    uint64_t last_line_ns; /* wall clock; 0: none yet */
};

/* Borrows `service`. */
void membership_init(struct membership *membership, const char *service);
void membership_fini(struct membership *membership);

/* Takes a line of lb-discovery (discovery/FORMAT.md). Fails: MEMBERSHIP_REFUSED, `problem` names
 * the JSON path and what is wrong; what was known stays. */
enum membership_news membership_read_line(struct membership *membership, struct view line,
                                          struct text *problem);

/* Adds an endpoint named on the command line; `id` is kept as "address:port". */
void membership_add_static(struct membership *membership, const struct address *address);

/* Writes the containers that are left out with their reasons, as a JSON array: discovery's own and,
 * as `other_service`, the endpoints of services that nothing is routed to. */
void membership_write_left_out(const struct membership *membership, struct json_writer *json);

#endif
