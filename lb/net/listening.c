#include "lb/net/listening.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/net/datagram.h"
#include "lb/net/socket.h"

int listening_check_free(const struct address *at)
{
    int on = 1;
    int fd = socket(at->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    int rc = bind(fd, &at->socket.any, address_size(at)) < 0 ? -errno : 0;
    close(fd);
    return rc;
}

/* All of them by `open`, of an address that is free. */
static int open_all(struct listening *listening, unsigned count,
                    int (*open)(const struct address *at))
{
    listening->fds = memory_new(count * sizeof(int));
    while (listening->count < count) {
        int fd = open(&listening->at);
        if (fd < 0) {
            listening_close(listening);
            return fd;
        }
        listening->fds[listening->count++] = fd;
        socket_address(fd, &listening->at);
    }
    return 0;
}

int listening_open(struct listening *listening, const struct address *at, unsigned count)
{
    *listening = (struct listening){.at = *at};
    int rc = listening_check_free(at);
    return rc < 0 ? rc : open_all(listening, count, socket_listen);
}

int listening_open_datagrams(struct listening *listening, const struct address *at, unsigned count)
{
    *listening = (struct listening){.at = *at};
    int rc = datagram_check_free(at);
    return rc < 0 ? rc : open_all(listening, count, datagram_listen);
}

void listening_take(struct listening *listening, const struct address *at, const int *fds,
                    unsigned count)
{
    *listening = (struct listening){.at = *at, .count = count};
    listening->fds = memory_new(count * sizeof(int));
    memcpy(listening->fds, fds, count * sizeof(int));
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
