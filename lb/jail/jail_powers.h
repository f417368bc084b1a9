/* What a process may do by who it is. */
#ifndef LB_JAIL_JAIL_POWERS_H
#define LB_JAIL_JAIL_POWERS_H

#include <stdbool.h>

/* Gives up all capabilities of this thread but those that open files of other users (a log, a token): root in a
 * container without a user of its own reads what it read before. Fails: a negative number of errno. */
int jail_powers_drop(void);

/* Whether it may read whatever files there are (CAP_DAC_READ_SEARCH). */
bool jail_powers_read_all(void);

/* Gives up all capabilities but that one, of those that a change of users has left (PR_SET_KEEPCAPS). Fails: the same. */
int jail_powers_keep_reading(void);

/* Gives up that one. Fails: the same. */
int jail_powers_stop_reading(void);

#endif
