/* Paths of Unix sockets in settings. Pure. Thread: any. */
#ifndef LB_CONFIG_CONFIG_SOCKET_H
#define LB_CONFIG_CONFIG_SOCKET_H

#include "lb/base/view.h"

/* What tells the path of a socket from that of a program. */
#define CONFIG_SOCKET_PREFIX "unix:"

/* What fits in sun_path with its NUL (unix(7)). */
#define CONFIG_SOCKET_MAX_LEN 107

/* What is wrong with the path of a socket; NULL: nothing. */
const char *config_socket_check(struct view path);

/* The path behind CONFIG_SOCKET_PREFIX of --discovery; NULL: it is that of a program, or there is none. Borrowed from `discovery`. */
const char *config_socket_of(const char *discovery);

#endif
