/* How long a backend keeps an idle connection, as far as it can be known: it says so in Keep-Alive
 * (RFC 2068 § 19.7.1.1), or it is seen to close at the same age again. A connection is let go a
 * little earlier, so that no request meets the backend's close. Pure. */
#ifndef LB_POLICY_IDLE_LIMIT_H
#define LB_POLICY_IDLE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"
#include "lb/pool/endpoint.h"

/* Closes of younger connections say nothing about a limit. */
#define IDLE_LIMIT_LEAST_MS 1000u

/* The "timeout" of a Keep-Alive field in milliseconds. False: it names none that can be used. */
bool idle_limit_parse(struct view keep_alive, unsigned *out_ms);

/* The backend closed a connection that had been idle for `age_ms`. Gives a limit when the close
 * before, not of the same moment (that is how a backend ends), was of about the same age; else 0.
 * Thread: the worker of `local`; `now_ms` is its loop's. */
unsigned idle_limit_learn(struct endpoint_local *local, uint64_t now_ms, unsigned age_ms);

/* When to let a connection go that the backend keeps for `limit_ms`; 0: it cannot be kept. */
unsigned idle_limit_retire_ms(unsigned limit_ms);

#endif
