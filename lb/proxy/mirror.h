/* Copies of requests for another service, so that it can be tried with what really comes: nobody waits for
 * them, nothing is retried, and the answers are read and dropped. What becomes of one is counted and no
 * more. A copy has the field X-Lb-Mirror: 1. Thread: worker. */
#ifndef LB_PROXY_MIRROR_H
#define LB_PROXY_MIRROR_H

#include "lb/proxy/exchange_state.h"

#define MIRROR_COUNT_MAX 256u     /* under way, of one worker; more are skipped */
#define MIRROR_BYTES_MAX 1048576u /* of an answer; the connection is closed then */
#define MIRROR_TIME_MS   10000u   /* from the copy's begin to the end of its answer */

/* All of the request was sent, and its route is mirrored: perhaps it is its turn. Once for each request
 * that can be sent again, idempotent and with its body at hand. */
void mirror_consider(struct exchange *exchange) __attribute__((noinline)); /* few have one */

/* Ends all that are under way. */
void mirror_give_up(struct env *env);

#endif
