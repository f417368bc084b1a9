/* The end of a connection that was passed on: one record for each. Thread: worker. */
#ifndef LB_PROXY_PASSAGE_END_H
#define LB_PROXY_PASSAGE_END_H

#include "lb/proxy/passage_state.h"

/* Lets go of all it has; unless it ended well both sides get a reset, who cannot take what they got for
 * complete. Not for one that is closing. */
void passage_end(struct passage *passage, enum err end);

/* Somebody else has its connection, and its place among the clients: nothing is told of it. */
void passage_end_silently(struct passage *passage);

/* It is one of its attempt's service from now on, as that counts them. Idempotent. */
void passage_end_count(struct passage *passage);

#endif
