/* Listening sockets that systemd opened for the master (sd_listen_fds(3)): taken once at the start, given to who wants their
 * address, and closed where nobody does. The address alone decides: a socket's name (FileDescriptorName=) is only told, as
 * what may be listened on, for admin's pages above all, is judged by the settings. A socket of all IPv6 addresses that takes
 * IPv4 too is what 0.0.0.0 wants, and a socket of the same port and kind never serves two. Thread: the master's only one. */
#ifndef LB_MASTER_ACTIVATION_H
#define LB_MASTER_ACTIVATION_H

#include "lb/contract/channel.h"

#define ACTIVATION_MAX        64u
#define ACTIVATION_NAME_BYTES 32u

struct activation_socket {
    int fd; /* -1: it was given */
    uint32_t kind;
    struct address bound;
    char name[ACTIVATION_NAME_BYTES];
};

struct activation {
    struct activation_socket sockets[ACTIVATION_MAX];
    unsigned count;
};

/* Takes what the environment says is this process's, from descriptor 3 on, and takes the words out of the environment. What is no
 * listening TCP socket and no UDP socket is told and closed. To be called before another descriptor is opened. */
void activation_take(struct activation *activation);

/* Gives the sockets of that address, at most `most` (they do not block and are closed on exec): how many. Several are a group
 * with SO_REUSEPORT of systemd's making. A single one of TCP may be lent to several workers, who then wake together. `bound`
 * gets the address that they have. */
unsigned activation_give(struct activation *activation, const struct channel_socket *want, int *fds,
                         unsigned most, struct address *bound);

/* Tells of those that nobody wanted, and closes them: once all that the settings want was asked for. */
void activation_close(struct activation *activation);

#endif
