/* The key of the cookies of sticky services. They are to hold when lb is started again, so it is kept by
 * somebody in any case: by who gave --sticky-secret, by a file beside that of --state, or by the machine.
 * Nobody looks for it, and no file is made, before the first service is sticky. Thread: control. */
#ifndef LB_FOLLOW_STICKY_KEY_H
#define LB_FOLLOW_STICKY_KEY_H

#include <stdbool.h>

#include "lb/pool/pool_wanted.h"
#include "lb/pool/service_policy.h"

#define STICKY_KEY_BYTES 16u

/* The file beside that of --state; it is made where it is not there yet, and can be read by its owner
 * only. One that cannot be read or made, or that others may read, is told in the log and not used. */
#define STICKY_KEY_SUFFIX ".sticky-secret"

/* Where nothing keeps one, it follows from /etc/machine-id. In a container, which has none, it is the
 * same everywhere: then what nobody can guess is the id of a container, and the address of a --backend
 * can be guessed from a cookie by who tries them all. Who forges a cookie gains the choice of a server
 * of that service, which asking often gives, too. `secret`, `state_path`: NULL where not given. */
void sticky_key_find(const char *secret, const char *state_path,
                     unsigned char key[STICKY_KEY_BYTES]);

/* Whether a service is sticky, or would be: by what all begin with, or by what is said of one. */
bool sticky_key_is_wanted(const struct service_policy *usual, const struct pool_wanted *wanted);

#endif
