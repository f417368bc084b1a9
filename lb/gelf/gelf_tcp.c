#include "lb/gelf/gelf_tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#define BACKOFF_MIN_MS 100u
#define BACKOFF_MAX_MS 5000u
#define GOOD_MS        5000u /* a connection that lasted so long was a good one */
#define KEEP_IDLE_S    30

/* ---- the connection --------------------------------------------------------------------------- */

/* What was cut off is sent again from its beginning. */
static void shut(struct gelf_desk *desk)
{
    gelf_desk_shut(desk);
    desk->is_connecting = false;
    desk->offset = 0;
    desk->blocked_ms = 0;
    desk->events = 0;
}

static void fail(struct gelf_desk *desk, uint64_t now_ms, const char *why)
{
    gelf_word_trouble(&desk->word, now_ms, "GELF cannot be sent to %s port %u: %s; lines wait",
                      desk->options.url.host, (unsigned)desk->options.url.port, why);
    bool was_good = desk->fd >= 0 && !desk->is_connecting && now_ms >= desk->begun_ms + GOOD_MS;
    if (was_good || desk->backoff_ms == 0)
        desk->backoff_ms = BACKOFF_MIN_MS;
    shut(desk);
    gelf_target_fail(&desk->target);
    gelf_desk_pause(desk, now_ms, desk->backoff_ms);
    desk->backoff_ms =
        desk->backoff_ms * 2 < BACKOFF_MAX_MS ? desk->backoff_ms * 2 : BACKOFF_MAX_MS;
}

/* A receiver whose host is gone says nothing: the kernel asks, and waits for what it sent no longer than we do. */
static void watch_peer(struct gelf_desk *desk)
{
    int on = 1, idle_s = KEEP_IDLE_S;
    unsigned timeout_ms = desk->options.stall_timeout_ms;
    setsockopt(desk->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(desk->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(desk->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
}

static void begin(struct gelf_desk *desk, uint64_t now_ms)
{
    const struct address *address = gelf_desk_aim(desk, now_ms);
    if (!address)
        return;
    desk->peer = *address;
    desk->begun_ms = now_ms;
    desk->fd = socket(address->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (desk->fd < 0) {
        fail(desk, now_ms, strerror(errno));
        return;
    }
    watch_peer(desk);
    desk->is_connecting = true;
    if (connect(desk->fd, &address->socket.any, address_size(address)) != 0 && errno != EINPROGRESS)
        fail(desk, now_ms, strerror(errno));
}

static void on_connected(struct gelf_desk *desk, uint64_t now_ms)
{
    desk->is_connecting = false;
    desk->begun_ms = now_ms;
    if (desk->was_connected)
        atomic_fetch_add(desk->options.counts.reconnects, 1);
    desk->was_connected = true;
}

static void look_at_connect(struct gelf_desk *desk, uint64_t now_ms)
{
    struct pollfd wish = {.fd = desk->fd, .events = POLLOUT};
    uint64_t end_ms = desk->begun_ms + desk->options.connect_timeout_ms;
    int error = 0;
    socklen_t size = sizeof(error);
    if (poll(&wish, 1, 0) == 1) {
        getsockopt(desk->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0)
            fail(desk, now_ms, strerror(error));
        else
            on_connected(desk, now_ms);
    } else if (now_ms >= end_ms) {
        fail(desk, now_ms, "no connection in time");
    } else {
        desk->events = POLLOUT;
        gelf_desk_wake_at(desk, end_ms);
    }
}

/* Receivers of GELF say nothing: whatever comes is read away, so that the end is seen behind it. */
static void look_at_peer(struct gelf_desk *desk, uint64_t now_ms)
{
    char bytes[4096];
    ssize_t count = recv(desk->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count == 0)
        fail(desk, now_ms, "the receiver closed the connection");
    else if (count < 0 && errno != EAGAIN && errno != EINTR)
        fail(desk, now_ms, strerror(errno));
    else
        desk->events = POLLIN;
}

/* Between two messages: the name has another address now. */
static void follow(struct gelf_desk *desk)
{
    const struct address *address = gelf_target_address(&desk->target);
    if (desk->offset == 0 && address && !address_eq(address, &desk->peer))
        shut(desk);
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void on_blocked(struct gelf_desk *desk, uint64_t now_ms)
{
    if (desk->blocked_ms == 0)
        desk->blocked_ms = now_ms;
    uint64_t end_ms = desk->blocked_ms + desk->options.stall_timeout_ms;
    if (now_ms >= end_ms) {
        fail(desk, now_ms, "the receiver takes nothing any more");
        return;
    }
    desk->events |= POLLOUT;
    gelf_desk_wake_at(desk, end_ms);
}

/* The mail with its NUL, from where it stopped. False: not all of it went. */
static bool send_mail(struct gelf_desk *desk, uint64_t now_ms)
{
    size_t size = desk->mail.len + 1;
    size_t of_mail = desk->offset < desk->mail.len ? desk->offset : desk->mail.len;
    struct iovec pieces[2] = {
        {(void *)(uintptr_t)(desk->mail.ptr + of_mail), desk->mail.len - of_mail},
        {(void *)(uintptr_t) "", 1}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t sent = sendmsg(desk->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        fail(desk, now_ms, strerror(errno));
        return false;
    }
    if (sent > 0) {
        desk->offset += (size_t)sent;
        desk->blocked_ms = 0;
    }
    if (desk->offset < size)
        on_blocked(desk, now_ms);
    return desk->fd >= 0 && desk->offset == size;
}

static void send_all(struct gelf_desk *desk, uint64_t now_ms)
{
    while (desk->fd >= 0 && gelf_desk_next(desk)) {
        if (!send_mail(desk, now_ms))
            return;
        gelf_word_well(&desk->word, "GELF is sent again");
        gelf_desk_done(desk, desk->offset);
        desk->offset = 0;
    }
}

void gelf_tcp_turn(struct gelf_desk *desk, uint64_t now_ms)
{
    desk->events = 0;
    if (now_ms < desk->pause_ms) {
        gelf_desk_wake_at(desk, desk->pause_ms);
        return;
    }
    if (desk->fd >= 0 && !desk->is_connecting)
        follow(desk);
    if (desk->fd < 0)
        begin(desk, now_ms);
    if (desk->fd >= 0 && desk->is_connecting)
        look_at_connect(desk, now_ms);
    if (desk->fd < 0 || desk->is_connecting)
        return;
    look_at_peer(desk, now_ms);
    if (desk->fd >= 0)
        send_all(desk, now_ms);
}
