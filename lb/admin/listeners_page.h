/* /listeners: each TCP and UDP listener with its rules, in the order in which they are looked at. */
#ifndef LB_ADMIN_LISTENERS_PAGE_H
#define LB_ADMIN_LISTENERS_PAGE_H

#include "lb/admin/explain_walk.h"
#include "lb/base/json_writer.h"

/* Append lines, or one JSON object. Borrow. Thread: control, as for the others. */
void listeners_page_write_text(const struct explain *explain, struct text *out);
void listeners_page_write_json(const struct explain *explain, struct text *out);

/* Writes an array of them, for /pool. */
void listeners_page_write_list(const struct explain *explain, struct json_writer *json);

/* Append a line, or an element of an array that has begun, for each rule of the containers that `subject` means,
 * or that leads to the service of that name. Give how many those are. */
unsigned listeners_page_write_subject_text(const struct explain *explain, struct view subject,
                                           struct text *out);
unsigned listeners_page_write_subject_json(const struct explain *explain, struct view subject,
                                           struct json_writer *json);

#endif
