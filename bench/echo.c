/* The server behind the proxies for datagrams: each goes back to where it came from, many a system call.
 *
 *     echo LISTEN…                   echo 127.0.0.2:9000 127.0.0.3:9000
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
#include "lb/base/memory.h"

#define LISTEN_MAX     16
#define AT_ONCE        64u
#define BYTES          2048u
#define SOCKET_BYTES   4194304
#define EVENTS_AT_ONCE LISTEN_MAX

struct batch {
    struct mmsghdr headers[AT_ONCE];
    struct iovec pieces[AT_ONCE];
    struct sockaddr_storage peers[AT_ONCE];
    char bytes[AT_ONCE][BYTES];
};

static int open_socket(const struct address *at)
{
    int size = SOCKET_BYTES;
    int fd = socket(at->socket.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, &at->socket.any, address_size(at)) < 0)
        socket_die("bind");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* as much as the system allows */
    return fd;
}

static void make_room(struct batch *batch)
{
    for (unsigned i = 0; i < AT_ONCE; i++) {
        batch->pieces[i] = (struct iovec){.iov_base = batch->bytes[i], .iov_len = BYTES};
        batch->headers[i].msg_hdr = (struct msghdr){.msg_name = &batch->peers[i],
                                                    .msg_namelen = sizeof(batch->peers[i]),
                                                    .msg_iov = &batch->pieces[i],
                                                    .msg_iovlen = 1};
    }
}

static void answer(struct batch *batch, int fd)
{
    make_room(batch);
    int count = recvmmsg(fd, batch->headers, AT_ONCE, MSG_DONTWAIT, NULL);
    if (count <= 0)
        return;
    for (int i = 0; i < count; i++)
        batch->pieces[i].iov_len = batch->headers[i].msg_len;
    sendmmsg(fd, batch->headers, (unsigned)count, MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
    static struct batch batch;
    static int fds[LISTEN_MAX];
    struct epoll_event events[EVENTS_AT_ONCE];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (argc < 2 || argc - 1 > LISTEN_MAX)
        return 2;
    for (int i = 0; i < argc - 1; i++) {
        struct address at = socket_address(argv[i + 1]);
        fds[i] = open_socket(&at);
        socket_watch(epoll, fds[i], EPOLL_CTL_ADD, EPOLLIN, &fds[i]);
    }
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++)
            answer(&batch, *(int *)events[i].data.ptr);
    }
}
