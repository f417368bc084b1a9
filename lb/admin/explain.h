/* For each container one line: where its requests come from, or why it gets none, since when, and
 * what would change it. */
#ifndef LB_ADMIN_EXPLAIN_H
#define LB_ADMIN_EXPLAIN_H

#include "lb/base/json_writer.h"
#include "lb/follow/membership.h"
#include "lb/pool/pool.h"

struct explain {
    const struct pool *pool;             /* NULL: none yet */
    const struct membership *membership; /* what is left out */
    uint64_t now_ms;                     /* the loop's clock */
};

/* What a human means by a word. */
enum explain_meaning {
    EXPLAIN_NO,
    EXPLAIN_CONTAINER, /* all that it serves: its name, its id, or 4 or more digits the id begins with */
    EXPLAIN_PORT,      /* the same with ":PORT" behind it: one of the ports that it serves */
};

/* Of what has that id, container (its id) and name; NULL for what is not known. */
enum explain_meaning explain_means(struct view subject, const char *id, const char *container,
                                   const char *name);

/* The same of an endpoint, which also its --backend names: "host" or "host:port". */
enum explain_meaning explain_means_endpoint(const struct membership *membership,
                                            struct view subject, const struct endpoint *endpoint);

/* Append a line, or an element of "containers", for each container that `subject` means, and one for each
 * of its routes; or for all containers, without routes, when it is empty. Give how many there are.
 * Borrow everything. Thread: control. */
unsigned explain_write_text(const struct explain *explain, struct view subject, struct text *out);
unsigned explain_write_json(const struct explain *explain, struct view subject, struct text *out);

/* The same for those of a service, of which no more than `limit` are written: lines, or elements of an
 * array that has begun. */
unsigned explain_write_service_text(const struct explain *explain, struct view service,
                                    unsigned limit, struct text *out);
unsigned explain_write_service_json(const struct explain *explain, struct view service,
                                    unsigned limit, struct json_writer *json);

/* Appends a line about what keeps discovery from telling who there is, and one for each thing that
 * it is not told; nothing when nothing is. */
void explain_write_obstacle(const struct explain *explain, struct text *out);

#endif
