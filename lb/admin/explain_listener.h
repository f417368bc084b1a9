/* Where a connection or a datagram goes that comes to a listener: by which rule, to which service, who of it can be
 * asked and who not, and what would change it. */
#ifndef LB_ADMIN_EXPLAIN_LISTENER_H
#define LB_ADMIN_EXPLAIN_LISTENER_H

#include "lb/admin/explain.h"
#include "lb/admin/listener_question.h"

#define EXPLAIN_LISTENER_ENDPOINT_MAX 50u
#define EXPLAIN_LISTENER_RULES_MAX    20u

/* Append lines, or one JSON object. Borrow. Thread: control. */
void explain_listener_write_text(const struct explain *explain,
                                 const struct listener_question *question, struct text *out);
void explain_listener_write_json(const struct explain *explain,
                                 const struct listener_question *question, struct text *out);

#endif
