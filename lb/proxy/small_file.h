/* A small file that another process leaves for lb: a whole regular one, and no link. Looks at the file system, which is local.
 * Thread: any. */
#ifndef LB_PROXY_SMALL_FILE_H
#define LB_PROXY_SMALL_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Gives how many bytes it has. -1: there is none, it has more than `room`, or it may not be read. */
ssize_t small_file_read(const char *path, char *bytes, size_t room);

#endif
