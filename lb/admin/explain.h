/* For each container one line: where its requests come from, or why it gets none, since when, and
 * what would change it. */
#ifndef LB_ADMIN_EXPLAIN_H
#define LB_ADMIN_EXPLAIN_H

#include "lb/admin/explain_walk.h"
#include "lb/base/json_writer.h"

/* Append a line, or an element of "containers", for each container that `subject` means, and one for each
 * of its routes; or for those of the service of that name, when no container has it; or for all
 * containers, without routes, when it is empty. Give how many there are.
 * Borrow everything. Thread: control. */
unsigned explain_write_text(const struct explain *explain, struct view subject, struct text *out);
unsigned explain_write_json(const struct explain *explain, struct view subject, struct text *out);

/* The same for those of a service of that kind, of which no more than `limit` are written: lines, or
 * elements of an array that has begun. */
unsigned explain_write_service_text(const struct explain *explain, struct view service,
                                    enum service_kind kind, unsigned limit, struct text *out);
unsigned explain_write_service_json(const struct explain *explain, struct view service,
                                    enum service_kind kind, unsigned limit,
                                    struct json_writer *json);

/* The same for those of one container, whichever service they are of. */
unsigned explain_write_container_text(const struct explain *explain, struct view container,
                                      unsigned limit, struct text *out);
unsigned explain_write_container_json(const struct explain *explain, struct view container,
                                      unsigned limit, struct json_writer *json);

/* Appends a line about what keeps discovery from telling who there is, and one for each thing that
 * it is not told; nothing when nothing is. */
void explain_write_obstacle(const struct explain *explain, struct text *out);

#endif
