#include "lb/net/listening.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/net/socket.h"

/* A UDP socket is alone at its address without SO_REUSEADDR, a TCP one with it: else old connections
 * would count. */
int listening_check_free(const struct address *at, int type)
{
    int on = 1;
    int fd = socket(at->socket.any.sa_family, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    int rc = bind(fd, &at->socket.any, address_size(at)) < 0 ? -errno : 0;
    close(fd);
    return rc;
}

int listening_open(struct listening *listening, const struct address *at, int type, unsigned count)
{
    *listening = (struct listening){.at = *at};
    int rc = listening_check_free(at, type);
    if (rc < 0)
        return rc;
    listening->fds = memory_new(count * sizeof(int));
    while (listening->count < count) {
        int fd =
            type == SOCK_STREAM ? socket_listen(&listening->at) : socket_listen_udp(&listening->at);
        if (fd < 0) {
            listening_close(listening);
            return fd;
        }
        listening->fds[listening->count++] = fd;
        socket_address(fd, &listening->at);
    }
    return 0;
}

int listening_lend(struct listening *listening, unsigned number)
{
    assert(number < listening->count && listening->fds[number] >= 0);
    int fd = listening->fds[number];
    listening->fds[number] = -1;
    return fd;
}

void listening_close(struct listening *listening)
{
    for (unsigned i = 0; i < listening->count; i++)
        if (listening->fds[i] >= 0)
            close(listening->fds[i]);
    free(listening->fds);
    listening->fds = NULL;
    listening->count = 0;
}
