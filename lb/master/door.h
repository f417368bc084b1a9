/* A unix socket by a path in a folder that programs share: who may come is root, the master's own user, the proxy's user, and
 * the owner of the folder (SO_PEERCRED, unix(7)). */
#ifndef LB_MASTER_DOOR_H
#define LB_MASTER_DOOR_H

#include <stdint.h>

#include "lb/contract/channel.h"

struct door {
    int fd; /* -1: closed */
    int type;
    char path[CHANNEL_PATH_BYTES]; /* "": it is to be closed */
};

/* Listens at the path, mode 0600, in place of a socket that nobody listens at. Fails: -errno (-EADDRINUSE: somebody listens
 * there). Does nothing where it listens there already; an empty path closes. */
int door_open(struct door *door, const char *path);

/* Gives the next that came and may come in, close on exec, which does not block. Fails: -EAGAIN: nobody; -EACCES: one who
 * may not, which is told. */
int door_accept(struct door *door, uint32_t proxy_uid);

/* Closes it; `leaves_path`: another one listens there next. */
void door_close(struct door *door, int leaves_path);

/* Connects to who listens at the path. Fails: -errno. */
int door_knock(const char *path, int type);

#endif
