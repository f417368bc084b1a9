/* Orders about a whole service. Handlers of paths; `owner` is the struct pages. Thread: control. */
#ifndef LB_ADMIN_SERVICE_VERBS_H
#define LB_ADMIN_SERVICE_VERBS_H

#include "lb/admin/paths.h"

/* Its new requests wait, ?for=30s or another time up to an hour, counted from now on; what runs goes on. */
void service_verbs_pause(void *owner, const struct request *request, struct admin_answer *answer);

/* They go on, in the order in which they came. */
void service_verbs_resume(void *owner, const struct request *request, struct admin_answer *answer);

/* ?value=PERCENT of the requests that it shares with other services, or "default" for what labels say. */
void service_verbs_share(void *owner, const struct request *request, struct admin_answer *answer);

#endif
