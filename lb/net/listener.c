#include "lb/net/listener.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "lb/base/list.h"

#define REST_MS 100u
#define TTL_MAX 255

static void on_uv_poll(uv_poll_t *poll, int status, int events);
static void on_rested(struct deadline *deadline);

int listener_open(struct listener *listener, struct loop *loop, int fd,
                  void (*on_connection)(void *owner, struct listener *listener), void *owner)
{
    *listener = (struct listener){
        .fd = fd, .on_connection = on_connection, .owner = owner, .loop = loop, .accepted_fd = -1};
    deadline_init(&listener->rest, on_rested);
    int rc = uv_poll_init(&loop->uv, &listener->poll, fd);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    listener->is_open = true;
    uv_poll_start(&listener->poll, UV_READABLE, on_uv_poll);
    return 0;
}

static void on_uv_closed(uv_handle_t *poll)
{
    struct listener *listener = list_entry(poll, struct listener, poll);
    if (listener->on_closed)
        listener->on_closed(listener);
}

void listener_close(struct listener *listener)
{
    if (!listener->is_open)
        return;
    listener->is_open = false;
    deadline_disarm(&listener->rest);
    uv_close((uv_handle_t *)&listener->poll, on_uv_closed);
    close(listener->fd);
}

int listener_take(struct listener *listener)
{
    int fd = listener->accepted_fd;
    listener->accepted_fd = -1;
    return fd;
}

static void rest(struct listener *listener)
{
    uv_poll_stop(&listener->poll);
    deadline_arm(&listener->loop->deadlines, &listener->rest, REST_MS);
}

static void on_rested(struct deadline *deadline)
{
    struct listener *listener = list_entry(deadline, struct listener, rest);
    uv_poll_start(&listener->poll, UV_READABLE, on_uv_poll);
}

/* How many wait. An accept too many costs far more than the question: the kernel makes a socket
 * before it sees that there is no connection for it. The question is spared as well where one has come alone: who
 * comes with it is seen in the next turn. */
static unsigned count_waiting(struct listener *listener)
{
    bool is_alone = listener->loop->turn != listener->turn + 1;
    listener->turn = listener->loop->turn;
    if (is_alone)
        return 1;
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    getsockopt(listener->fd, IPPROTO_TCP, TCP_INFO, &info, &len);
    unsigned count = info.tcpi_unacked; /* of a listening socket: its backlog */
    if (count < 1)
        return 1;
    return count < LISTENER_ACCEPTS_MAX ? count : LISTENER_ACCEPTS_MAX;
}

/* Who asks for a connection comes with a time to live that is lower, and is passed over by the kernel; who was answered is
 * looked for in another place first. What is accepted has it from the listener. */
static void set_ttl_min(int fd, int ttl_min)
{
    setsockopt(fd, IPPROTO_IP, IP_MINTTL, &ttl_min, sizeof(ttl_min));
    setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &ttl_min, sizeof(ttl_min));
}

/* False: no more for now. */
static bool accept_one(struct listener *listener)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof(name);
    listener->accepted_fd =
        accept4(listener->fd, (struct sockaddr *)&name, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (listener->accepted_fd < 0) {
        bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        int status = uv_translate_sys_error(errno);
        if (is_short && listener->on_own_fault)
            listener->on_own_fault(status);
        if (is_short)
            rest(listener);
        if (status == UV_EINVAL) /* it listens no more: somebody who has it, too, has ended that */
            uv_poll_stop(&listener->poll);
        return !is_short && status != UV_EAGAIN && status != UV_EINVAL;
    }
    if (listener->has_ttl_min)
        set_ttl_min(listener->accepted_fd, 0);
    if (!address_from_sockaddr((struct sockaddr *)&name, &listener->peer))
        listener->peer = (struct address){.socket.any.sa_family = AF_INET};
    listener->on_connection(listener->owner, listener);
    assert(listener->accepted_fd == -1);
    return true;
}

void listener_stop_handshakes(struct listener *listener)
{
    static struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* flags of the TCP header */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    if (!listener->is_open || listener->is_lasting ||
        setsockopt(listener->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0)
        return;
    listener->has_ttl_min = true;
    set_ttl_min(listener->fd, TTL_MAX);
}

void listener_finish(struct listener *listener)
{
    while (listener->is_open && !listener->is_lasting && accept_one(listener))
        ;
    if (listener->is_open && !listener->is_lasting)
        shutdown(listener->fd, SHUT_RD);
    listener_close(listener);
}

static void on_uv_poll(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = list_entry(poll, struct listener, poll);
    (void)events;
    if (status < 0) {
        rest(listener);
        return;
    }
    for (unsigned left = count_waiting(listener); left > 0 && listener->is_open; left--)
        if (!accept_one(listener))
            return;
}
