/* From the moment on at which both connections stand: what the endpoint is told of the client, and the tunnel.
 * Thread: worker. */
#ifndef LB_PROXY_PASSAGE_JOIN_H
#define LB_PROXY_PASSAGE_JOIN_H

#include "lb/proxy/passage_state.h"

/* The endpoint is told something before the client's first bytes. */
static inline bool passage_join_has_lead(const struct passage *passage)
{
    return passage->attempt.service->policy->proxy_version != PROXY_VERSION_OFF;
}

/* Its endpoint has just been connected to. It may be over within that. */
void passage_join(struct passage *passage, void (*on_over)(void *owner, enum err end));

/* The endpoint was lost before anybody had said a word, as `end` tells: it may have been about to go while the
 * connection stood in its queue. */
bool passage_join_was_empty(const struct passage *passage, enum err end);

/* After that it is as if it had not been joined. Its upstream closes. */
void passage_join_undo(struct passage *passage);

#endif
