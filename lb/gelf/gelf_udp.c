#include "lb/gelf/gelf_udp.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lb/gelf/gelf_chunk.h"

#define TROUBLE_PAUSE_MS 1000u
#define PROBE_MS         100u /* long enough for an answer by ICMP */
#define NO_BUFFER_MS     10u

/* ---- the socket ------------------------------------------------------------------------------- */

static void give_up(struct gelf_sender *sender, uint64_t now_ms, int error)
{
    gelf_word_trouble(&sender->word, now_ms,
                      "GELF cannot be sent to %s: %s; lines wait, and it is tried again",
                      sender->options.url.host, strerror(error));
    gelf_sender_shut(sender);
    gelf_target_fail(&sender->target);
    gelf_sender_pause(sender, now_ms, TROUBLE_PAUSE_MS);
    sender->is_probing = true;
    sender->probe_sent_ms = 0;
    sender->chunk_number = 0;
}

static bool connect_to(struct gelf_sender *sender, const struct address *address, uint64_t now_ms)
{
    bool has_moved = sender->peer.socket.any.sa_family != 0 && !address_eq(address, &sender->peer);
    if (has_moved)
        atomic_fetch_add(sender->options.counts.reconnects, 1);
    sender->peer = *address;
    sender->chunk_number = 0;
    sender->fd =
        socket(address->socket.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sender->fd < 0 || connect(sender->fd, &address->socket.any, address_size(address)) != 0) {
        give_up(sender, now_ms, errno);
        return false;
    }
    return true;
}

static bool aim(struct gelf_sender *sender, uint64_t now_ms)
{
    const struct address *address = gelf_sender_aim(sender, now_ms);
    if (!address) {
        sender->is_probing = sender->is_probing || sender->word.is_in_trouble;
        return false;
    }
    if (sender->fd >= 0 && address_eq(address, &sender->peer))
        return true;
    gelf_sender_shut(sender);
    sender->probe_sent_ms = 0;
    return connect_to(sender, address, now_ms);
}

/* ---- refusals --------------------------------------------------------------------------------- */

/* By ICMP: nobody listens there. What went before is lost; what is being tried is not. */
static void on_refused(struct gelf_sender *sender, uint64_t now_ms)
{
    if (sender->probe_sent_ms == 0)
        atomic_fetch_add(sender->options.counts.dropped_error, 1);
    give_up(sender, now_ms, ECONNREFUSED);
}

static bool is_refused(struct gelf_sender *sender)
{
    int error = 0;
    socklen_t size = sizeof(error);
    return sender->fd >= 0 && getsockopt(sender->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
           error != 0;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void on_error(struct gelf_sender *sender, uint64_t now_ms, int error)
{
    switch (error) {
    case EAGAIN:
        sender->events = POLLOUT;
        return;
    case ENOBUFS:
    case ENOMEM:
        gelf_sender_pause(sender, now_ms, NO_BUFFER_MS);
        return;
    case ECONNREFUSED:
        on_refused(sender, now_ms);
        return;
    case EMSGSIZE:
        gelf_sender_drop(sender);
        return;
    default:
        give_up(sender, now_ms, error);
    }
}

static bool send_part(struct gelf_sender *sender, unsigned count)
{
    unsigned char head[GELF_CHUNK_HEAD_BYTES];
    struct view part = sender->mail;
    struct iovec pieces[2] = {{head, 0}, {NULL, 0}};
    if (count > 1) {
        part = gelf_chunk_cut(sender->mail, sender->options.datagram_bytes, sender->chunk_id,
                              sender->chunk_number, count, head);
        pieces[0].iov_len = sizeof(head);
    }
    pieces[1] = (struct iovec){(void *)(uintptr_t)part.ptr, part.len};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t sent = sendmsg(sender->fd, &message, MSG_NOSIGNAL);
    if (sent < 0)
        return false;
    sender->chunk_bytes += (size_t)sent;
    return true;
}

/* The mail, from the chunk on that goes next. False: it did not go, or not all of it. */
static bool send_mail(struct gelf_sender *sender, uint64_t now_ms)
{
    unsigned count = gelf_chunk_count(sender->mail.len, sender->options.datagram_bytes);
    if (count == 0) {
        gelf_sender_drop(sender);
        return false;
    }
    if (sender->chunk_number == 0) {
        sender->chunk_id = rng_next(&sender->rng);
        sender->chunk_bytes = 0;
    }
    for (; sender->chunk_number < count; sender->chunk_number++) {
        if (!send_part(sender, count)) {
            on_error(sender, now_ms, errno);
            return false;
        }
    }
    sender->chunk_number = 0;
    return true;
}

static bool may_send(const struct gelf_sender *sender, uint64_t now_ms)
{
    return sender->fd >= 0 && sender->events == 0 && now_ms >= sender->pause_ms;
}

/* One message after trouble: it stays until a moment has gone by without a refusal. */
static bool probe(struct gelf_sender *sender, uint64_t now_ms)
{
    bool has_sent = sender->probe_sent_ms > 0;
    if (has_sent && now_ms >= sender->probe_sent_ms + PROBE_MS) {
        sender->is_probing = false;
        sender->probe_sent_ms = 0;
        gelf_word_well(&sender->word, "GELF is sent again");
        gelf_sender_done(sender, sender->chunk_bytes);
        return true;
    }
    while (sender->probe_sent_ms == 0 && may_send(sender, now_ms) && gelf_sender_next(sender))
        if (send_mail(sender, now_ms))
            sender->probe_sent_ms = now_ms;
    if (sender->probe_sent_ms > 0)
        gelf_sender_wake_at(sender, sender->probe_sent_ms + PROBE_MS);
    return false;
}

void gelf_udp_turn(struct gelf_sender *sender, uint64_t now_ms)
{
    sender->events = 0;
    if (is_refused(sender))
        on_refused(sender, now_ms);
    if (now_ms < sender->pause_ms) {
        gelf_sender_wake_at(sender, sender->pause_ms);
        return;
    }
    if (!aim(sender, now_ms) || (sender->is_probing && !probe(sender, now_ms)))
        return;
    while (may_send(sender, now_ms) && gelf_sender_next(sender))
        if (send_mail(sender, now_ms))
            gelf_sender_done(sender, sender->chunk_bytes);
}
