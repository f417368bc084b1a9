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

static void give_up(struct gelf_desk *desk, uint64_t now_ms, int error)
{
    gelf_word_trouble(&desk->word, now_ms,
                      "GELF cannot be sent to %s port %u: %s; lines wait, and it is tried again",
                      desk->options.url.host, (unsigned)desk->options.url.port, strerror(error));
    gelf_desk_shut(desk);
    gelf_target_fail(&desk->target);
    gelf_desk_pause(desk, now_ms, TROUBLE_PAUSE_MS);
    desk->is_probing = true;
    desk->probe_sent_ms = 0;
    desk->chunk_number = 0;
}

static bool connect_to(struct gelf_desk *desk, const struct address *address, uint64_t now_ms)
{
    bool has_moved = desk->peer.socket.any.sa_family != 0 && !address_eq(address, &desk->peer);
    if (has_moved)
        atomic_fetch_add(desk->options.counts.reconnects, 1);
    desk->peer = *address;
    desk->chunk_number = 0;
    desk->fd = socket(address->socket.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (desk->fd < 0 || connect(desk->fd, &address->socket.any, address_size(address)) != 0) {
        give_up(desk, now_ms, errno);
        return false;
    }
    return true;
}

static bool aim(struct gelf_desk *desk, uint64_t now_ms)
{
    const struct address *address = gelf_desk_aim(desk, now_ms);
    if (!address) {
        desk->is_probing = desk->is_probing || desk->word.is_in_trouble;
        return false;
    }
    if (desk->fd >= 0 && address_eq(address, &desk->peer))
        return true;
    gelf_desk_shut(desk);
    desk->probe_sent_ms = 0;
    return connect_to(desk, address, now_ms);
}

/* ---- refusals --------------------------------------------------------------------------------- */

/* By ICMP: nobody listens there. What went before is lost; what is being tried is not. */
static void on_refused(struct gelf_desk *desk, uint64_t now_ms)
{
    if (desk->probe_sent_ms == 0)
        atomic_fetch_add(desk->options.counts.dropped_error, 1);
    give_up(desk, now_ms, ECONNREFUSED);
}

static bool is_refused(struct gelf_desk *desk)
{
    int error = 0;
    socklen_t size = sizeof(error);
    return desk->fd >= 0 && getsockopt(desk->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
           error != 0;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void on_error(struct gelf_desk *desk, uint64_t now_ms, int error)
{
    switch (error) {
    case EAGAIN:
        desk->events = POLLOUT;
        return;
    case ENOBUFS:
    case ENOMEM:
        gelf_desk_pause(desk, now_ms, NO_BUFFER_MS);
        return;
    case ECONNREFUSED:
        on_refused(desk, now_ms);
        return;
    case EMSGSIZE:
        gelf_desk_drop(desk);
        return;
    default:
        give_up(desk, now_ms, error);
    }
}

static bool send_part(struct gelf_desk *desk, unsigned count)
{
    unsigned char head[GELF_CHUNK_HEAD_BYTES];
    struct view part = desk->mail;
    struct iovec pieces[2] = {{head, 0}, {NULL, 0}};
    if (count > 1) {
        part = gelf_chunk_cut(desk->mail, desk->options.datagram_bytes, desk->chunk_id,
                              desk->chunk_number, count, head);
        pieces[0].iov_len = sizeof(head);
    }
    pieces[1] = (struct iovec){(void *)(uintptr_t)part.ptr, part.len};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t sent = sendmsg(desk->fd, &message, MSG_NOSIGNAL);
    if (sent < 0)
        return false;
    desk->chunk_bytes += (size_t)sent;
    return true;
}

/* The mail, from the chunk on that goes next. False: it did not go, or not all of it. */
static bool send_mail(struct gelf_desk *desk, uint64_t now_ms)
{
    unsigned count = gelf_chunk_count(desk->mail.len, desk->options.datagram_bytes);
    if (count == 0) {
        gelf_desk_drop(desk);
        return false;
    }
    if (desk->chunk_number == 0) {
        desk->chunk_id = rng_next(&desk->rng);
        desk->chunk_bytes = 0;
    }
    for (; desk->chunk_number < count; desk->chunk_number++) {
        if (!send_part(desk, count)) {
            on_error(desk, now_ms, errno);
            return false;
        }
    }
    desk->chunk_number = 0;
    return true;
}

static bool may_send(const struct gelf_desk *desk, uint64_t now_ms)
{
    return desk->fd >= 0 && desk->events == 0 && now_ms >= desk->pause_ms;
}

/* One message after trouble: it stays until a moment has gone by without a refusal. */
static bool probe(struct gelf_desk *desk, uint64_t now_ms)
{
    bool has_sent = desk->probe_sent_ms > 0;
    if (has_sent && now_ms >= desk->probe_sent_ms + PROBE_MS) {
        desk->is_probing = false;
        desk->probe_sent_ms = 0;
        gelf_word_well(&desk->word, "GELF is sent again");
        gelf_desk_done(desk, desk->chunk_bytes);
        return true;
    }
    while (desk->probe_sent_ms == 0 && may_send(desk, now_ms) && gelf_desk_next(desk))
        if (send_mail(desk, now_ms))
            desk->probe_sent_ms = now_ms;
    if (desk->probe_sent_ms > 0)
        gelf_desk_wake_at(desk, desk->probe_sent_ms + PROBE_MS);
    return false;
}

void gelf_udp_turn(struct gelf_desk *desk, uint64_t now_ms)
{
    desk->events = 0;
    if (is_refused(desk))
        on_refused(desk, now_ms);
    if (now_ms < desk->pause_ms) {
        gelf_desk_wake_at(desk, desk->pause_ms);
        return;
    }
    if (!aim(desk, now_ms) || (desk->is_probing && !probe(desk, now_ms)))
        return;
    while (may_send(desk, now_ms) && gelf_desk_next(desk))
        if (send_mail(desk, now_ms))
            gelf_desk_done(desk, desk->chunk_bytes);
}
