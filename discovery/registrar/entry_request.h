/* The request of the agent's API that a step of an entry is, and what its answer means. Pure. */
#ifndef DISCOVERY_REGISTRAR_ENTRY_REQUEST_H
#define DISCOVERY_REGISTRAR_ENTRY_REQUEST_H

#include "discovery/registrar/entry.h"
#include "lb/base/text.h"
#include "lb/base/view.h"

/* Zeroed memory is empty. */
struct entry_request {
    const char *method;
    struct text target, body;
};

/* Replaces the content of `out`. `step` is not ENTRY_REST. */
void entry_request_make(const struct entry *entry, enum entry_step step, struct entry_request *out);
void entry_request_fini(struct entry_request *request);

/* `status`: 0 when there is no whole answer. */
enum entry_verdict entry_request_judge(enum entry_step step, int status, struct view body);

/* Why the agent has refused it, and what to do, in sentences for people. `has_token`: one was to be shown. Gives. */
char *entry_request_explain(const struct entry *entry, bool has_token, int status,
                            struct view body);

/* What the step has changed in the catalog, once it is done; NULL: nothing that is told. Gives. */
char *entry_request_tell(const struct entry *entry);

/* That somebody else has its id. Gives. */
char *entry_request_explain_foreign(const struct entry *entry);

#endif
