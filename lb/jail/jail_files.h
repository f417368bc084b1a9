/* Which files are left, by Landlock. API: landlock(7), ABI 1 (Linux 5.13) and later. */
#ifndef LB_JAIL_JAIL_FILES_H
#define LB_JAIL_JAIL_FILES_H

#include "lb/jail/jail_path.h"

/* The version of its ABI; 0: the kernel has none, or a filter of the container's refuses it. */
int jail_files_version(void);

/* Leaves to this thread, and to those that it will start, these paths and what all programs need: the files of
 * the resolver, the clock's and /proc/self. TCP ports cannot be bound, processes and abstract sockets outside not be
 * reached, where the version has that. Without Landlock nothing happens. Fails: a negative number of errno. */
int jail_files_restrict(const struct jail_path *paths, unsigned path_count);

#endif
