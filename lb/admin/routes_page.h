/* /routes: the routes in the order in which they are looked at, some at a time; and those of one container.
 */
#ifndef LB_ADMIN_ROUTES_PAGE_H
#define LB_ADMIN_ROUTES_PAGE_H

#include "lb/admin/explain_walk.h"

#define ROUTES_PAGE_MAX          1000u /* of one answer */
#define ROUTES_PAGE_CONFLICT_MAX 100u  /* of /pool */

struct routes_page {
    const struct explain *explain;
    unsigned from;      /* how many are passed over */
    unsigned count_max; /* ROUTES_PAGE_MAX at most */
};

/* Append lines, or one JSON object: no more than `count_max` routes, and how many there are. Borrow
 * everything. Thread: control, as for the others. */
void routes_page_write_text(const struct routes_page *page, struct text *out);
void routes_page_write_json(const struct routes_page *page, struct text *out);

/* Writes an object for /pool: how many there are, and of those that never get a request, as another one is
 * for the same ones and does something else, the first ROUTES_PAGE_CONFLICT_MAX. */
void routes_page_write_summary(const struct explain *explain, struct json_writer *json);

/* Append a line, or an element of an array that has begun, for each route of the containers that
 * `subject` means. Give how many those are; of them no more than ROUTES_PAGE_MAX are told. */
unsigned routes_page_write_container_text(const struct explain *explain, struct view subject,
                                          struct text *out);
unsigned routes_page_write_container_json(const struct explain *explain, struct view subject,
                                          struct json_writer *json);

#endif
