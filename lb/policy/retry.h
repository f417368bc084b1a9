/* May a request that failed be sent again? Pure. */
#ifndef LB_POLICY_RETRY_H
#define LB_POLICY_RETRY_H

#include <stdbool.h>

#include "lb/base/err.h"
#include "lb/base/view.h"
#include "lb/pool/service_policy.h"

struct retry_facts {
    enum err failure;
    struct view method;
    unsigned attempt_count; /* tries so far but for free ones, the failed one included */
    unsigned replay_count;  /* how often it was sent again so far */
    bool was_sent;          /* a byte of the request may have reached the backend */
    bool is_kept;           /* all that was sent is still at hand */
    bool has_answered;      /* a byte of the final response went to the client */
    bool was_idle;          /* the connection had served before */
};

/* RFC 9110 § 9.2.2. Methods unknown to it are not idempotent. */
bool retry_is_idempotent(struct view method);

/* Whether the failed try troubled no backend: the connect was refused, or an idle connection had
 * ended before it got any of the request. What follows it costs nothing of the budget and counts as
 * no attempt: a request goes on until somebody takes it, over each endpoint once. A connect that
 * takes long is not free: it costs time, and its backend may have too much to do already. */
bool retry_is_free(const struct retry_facts *facts);

/* Only while all bytes are at hand and the client got none of an answer. After a free try: yes.
 * Within the attempts: nothing was sent: yes; something was sent: an idempotent method whose
 * connection was lost; not when the backend was only slow. */
bool retry_may(const struct retry_facts *facts, const struct retry_rules *rules);

#endif
