/* Connections that a try opens, and others beside one that takes long. For the other files of attempt.
 * Thread: worker. */
#ifndef LB_PROXY_ATTEMPT_CONNECT_H
#define LB_PROXY_ATTEMPT_CONNECT_H

#include "lb/proxy/attempt_state.h"

/* For the try that has begun: on_ready or on_failed of the attempt's handler follow. Idle connections, to
 * whomever, give way to one that is needed. Fails: what went wrong; ERR_QUEUE_FULL: the endpoint has
 * no place. */
enum err attempt_connect(struct attempt *attempt);

/* Nobody is connected to any more. Idempotent. */
void attempt_connect_end(struct attempt *attempt);

#endif
