/* May a request that failed be sent again? Pure. */
#ifndef LB_POLICY_RETRY_H
#define LB_POLICY_RETRY_H

#include <stdbool.h>

#include "lb/base/err.h"
#include "lb/base/view.h"

#define RETRY_ATTEMPTS_MAX 8u /* connections tried for one request, in all */
/* Of them, how often a request is sent again after it was sent: once for an idle connection that
 * had gone stale, once for the fresh one after it, as several backends may be stopped at once. */
#define RETRY_REPLAYS_MAX 2u

struct retry_facts {
    enum err failure;
    struct view method;
    unsigned attempt_count; /* connections tried so far, the failed one included */
    unsigned replay_count;  /* how often it was sent again so far */
    bool was_sent;          /* a byte of the request may have reached the backend */
    bool is_kept;           /* all that was sent is still at hand */
    bool has_answered;      /* a byte of the final response went to the client */
};

/* RFC 9110 § 9.2.2. Methods unknown to it are not idempotent. */
bool retry_is_idempotent(struct view method);

/* Only while all bytes are at hand and the client got none of an answer, within the attempts.
 * Nothing was sent: yes. Something was sent: an idempotent method whose connection was lost; not
 * when the backend was only slow. */
bool retry_may(const struct retry_facts *facts);

#endif
