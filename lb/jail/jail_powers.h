/* What a process may do by who it is. */
#ifndef LB_JAIL_JAIL_POWERS_H
#define LB_JAIL_JAIL_POWERS_H

/* Gives up all capabilities of this thread but those that open files of other users (a log, a token): root in a
 * container without a user of its own reads what it read before. Fails: a negative number of errno. */
int jail_powers_drop(void);

#endif
