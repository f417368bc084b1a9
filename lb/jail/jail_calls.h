/* Which system calls are left, as a filter of libseccomp. */
#ifndef LB_JAIL_JAIL_CALLS_H
#define LB_JAIL_JAIL_CALLS_H

#include <seccomp.h>
#include <stdbool.h>

#include "lb/jail/jail_kind.h"

/* Fills `filter`, whose default action is already set, with what that program may do. Calls by
 * which a process names itself are for `pid` alone. Fails: a negative number of errno. */
int jail_calls_add(scmp_filter_ctx filter, enum jail_kind kind, int pid);

/* Puts it before all threads of this process. `is_log`: what is not allowed is logged by the kernel, and done.
 * Fails: a negative number of errno. */
int jail_calls_load(bool is_log, enum jail_kind kind);

#endif
