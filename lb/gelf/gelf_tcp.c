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
static void shut(struct gelf_sender *sender)
{
    gelf_sender_shut(sender);
    sender->is_connecting = false;
    sender->offset = 0;
    sender->blocked_ms = 0;
    sender->events = 0;
}

static void fail(struct gelf_sender *sender, uint64_t now_ms, const char *why)
{
    gelf_word_trouble(&sender->word, now_ms, "GELF cannot be sent to %s: %s; lines wait",
                      sender->options.url.host, why);
    bool was_good =
        sender->fd >= 0 && !sender->is_connecting && now_ms >= sender->begun_ms + GOOD_MS;
    if (was_good || sender->backoff_ms == 0)
        sender->backoff_ms = BACKOFF_MIN_MS;
    shut(sender);
    gelf_target_fail(&sender->target);
    gelf_sender_pause(sender, now_ms, sender->backoff_ms);
    sender->backoff_ms =
        sender->backoff_ms * 2 < BACKOFF_MAX_MS ? sender->backoff_ms * 2 : BACKOFF_MAX_MS;
}

/* A receiver whose host is gone says nothing: the kernel asks, and waits for what it sent no longer than we do. */
static void watch_peer(struct gelf_sender *sender)
{
    int on = 1, idle_s = KEEP_IDLE_S;
    unsigned timeout_ms = sender->options.stall_timeout_ms;
    setsockopt(sender->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(sender->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(sender->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
}

static void begin(struct gelf_sender *sender, uint64_t now_ms)
{
    const struct address *address = gelf_sender_aim(sender, now_ms);
    if (!address)
        return;
    sender->peer = *address;
    sender->begun_ms = now_ms;
    sender->fd =
        socket(address->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sender->fd < 0) {
        fail(sender, now_ms, strerror(errno));
        return;
    }
    watch_peer(sender);
    sender->is_connecting = true;
    if (connect(sender->fd, &address->socket.any, address_size(address)) != 0 &&
        errno != EINPROGRESS)
        fail(sender, now_ms, strerror(errno));
}

static void on_connected(struct gelf_sender *sender, uint64_t now_ms)
{
    sender->is_connecting = false;
    sender->begun_ms = now_ms;
    if (sender->was_connected)
        atomic_fetch_add(sender->options.counts.reconnects, 1);
    sender->was_connected = true;
}

static void look_at_connect(struct gelf_sender *sender, uint64_t now_ms)
{
    struct pollfd wish = {.fd = sender->fd, .events = POLLOUT};
    uint64_t end_ms = sender->begun_ms + sender->options.connect_timeout_ms;
    int error = 0;
    socklen_t size = sizeof(error);
    if (poll(&wish, 1, 0) == 1) {
        getsockopt(sender->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0)
            fail(sender, now_ms, strerror(error));
        else
            on_connected(sender, now_ms);
    } else if (now_ms >= end_ms) {
        fail(sender, now_ms, "no connection in time");
    } else {
        sender->events = POLLOUT;
        gelf_sender_wake_at(sender, end_ms);
    }
}

/* Receivers of GELF say nothing: whatever comes is read away, so that the end is seen behind it. */
static void look_at_peer(struct gelf_sender *sender, uint64_t now_ms)
{
    char bytes[4096];
    ssize_t count = recv(sender->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count == 0)
        fail(sender, now_ms, "the receiver closed the connection");
    else if (count < 0 && errno != EAGAIN && errno != EINTR)
        fail(sender, now_ms, strerror(errno));
    else
        sender->events = POLLIN;
}

/* Between two messages: the name has another address now. */
static void follow(struct gelf_sender *sender)
{
    const struct address *address = gelf_target_address(&sender->target);
    if (sender->offset == 0 && address && !address_eq(address, &sender->peer))
        shut(sender);
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void on_blocked(struct gelf_sender *sender, uint64_t now_ms)
{
    if (sender->blocked_ms == 0)
        sender->blocked_ms = now_ms;
    uint64_t end_ms = sender->blocked_ms + sender->options.stall_timeout_ms;
    if (now_ms >= end_ms) {
        fail(sender, now_ms, "the receiver takes nothing any more");
        return;
    }
    sender->events |= POLLOUT;
    gelf_sender_wake_at(sender, end_ms);
}

/* The mail with its NUL, from where it stopped. False: not all of it went. */
static bool send_mail(struct gelf_sender *sender, uint64_t now_ms)
{
    size_t size = sender->mail.len + 1;
    size_t of_mail = sender->offset < sender->mail.len ? sender->offset : sender->mail.len;
    struct iovec pieces[2] = {
        {(void *)(uintptr_t)(sender->mail.ptr + of_mail), sender->mail.len - of_mail},
        {(void *)(uintptr_t) "", 1}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t sent = sendmsg(sender->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        fail(sender, now_ms, strerror(errno));
        return false;
    }
    if (sent > 0) {
        sender->offset += (size_t)sent;
        sender->blocked_ms = 0;
    }
    if (sender->offset < size)
        on_blocked(sender, now_ms);
    return sender->fd >= 0 && sender->offset == size;
}

static void send_all(struct gelf_sender *sender, uint64_t now_ms)
{
    while (sender->fd >= 0 && gelf_sender_next(sender)) {
        if (!send_mail(sender, now_ms))
            return;
        gelf_word_well(&sender->word, "GELF is sent again");
        gelf_sender_done(sender, sender->offset);
        sender->offset = 0;
    }
}

void gelf_tcp_turn(struct gelf_sender *sender, uint64_t now_ms)
{
    sender->events = 0;
    if (now_ms < sender->pause_ms) {
        gelf_sender_wake_at(sender, sender->pause_ms);
        return;
    }
    if (sender->fd >= 0 && !sender->is_connecting)
        follow(sender);
    if (sender->fd < 0)
        begin(sender, now_ms);
    if (sender->fd >= 0 && sender->is_connecting)
        look_at_connect(sender, now_ms);
    if (sender->fd < 0 || sender->is_connecting)
        return;
    look_at_peer(sender, now_ms);
    if (sender->fd >= 0)
        send_all(sender, now_ms);
}
