/* What becomes of a request for a URL: which route, by whose label, why that one and not the next, what is
 * done to it, and which endpoints of which service get it; or what lb answers by itself, and what would
 * change that. */
#ifndef LB_ADMIN_EXPLAIN_URL_H
#define LB_ADMIN_EXPLAIN_URL_H

#include "lb/admin/explain.h"
#include "lb/admin/url_question.h"

#define EXPLAIN_URL_ENDPOINT_MAX 100u /* of the service that are told */

/* Append lines, or one JSON object. Borrow everything; of the
 * explanation the pool is there. Thread: control. */
void explain_url_write_text(const struct explain *explain, struct url_question *question,
                            struct text *out);
void explain_url_write_json(const struct explain *explain, struct url_question *question,
                            struct text *out);

#endif
