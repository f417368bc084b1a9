/* What the admin listener can be told to do. Handlers of paths; `owner` is the struct pages.
 * Thread: control. */
#ifndef LB_ADMIN_VERBS_H
#define LB_ADMIN_VERBS_H

#include "lb/admin/paths.h"

/* No new requests for one endpoint, until it is taken back: "drain" says that it is going to be
 * stopped, "disable" that it is not to be used. What runs is finished. */
void verbs_drain(void *owner, const struct request *request, struct admin_answer *answer);
void verbs_undrain(void *owner, const struct request *request, struct admin_answer *answer);
void verbs_disable(void *owner, const struct request *request, struct admin_answer *answer);
void verbs_enable(void *owner, const struct request *request, struct admin_answer *answer);

/* ?value=N, or "default" for the source's. */
void verbs_weight(void *owner, const struct request *request, struct admin_answer *answer);

/* ?value=debug, info, warn or error; until the next SIGHUP. */
void verbs_log_level(void *owner, const struct request *request, struct admin_answer *answer);

/* The lb on disk takes over, if it can; /process tells what becomes of it. */
void verbs_upgrade(void *owner, const struct request *request, struct admin_answer *answer);

#endif
