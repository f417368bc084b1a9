/* Whether a password is the one that a hash was made of. May take tenths of a second: not for a loop's
 * thread. Thread: any. */
#ifndef LB_POLICY_PASSWORD_H
#define LB_POLICY_PASSWORD_H

#include "lb/contract/htpasswd.h"

#define PASSWORD_BYTES_MAX 511u /* what libcrypt takes; longer ones are never right */

/* Takes as long for a wrong one as for the right one. */
bool password_is_right(const struct htpasswd_user *user, struct view password);

#endif
