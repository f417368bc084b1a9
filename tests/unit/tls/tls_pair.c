#include "tls_pair.h"

#include <errno.h>

struct pair_end near_end, far_end;
struct tls_buffers pair_buffers;
size_t pair_held_bytes;

static ssize_t receive(void *owner, char *bytes, size_t most)
{
    struct pair_end *end = owner;
    size_t left = end->inbox.len - end->taken;
    if (left == 0)
        return end->is_over ? 0 : -EAGAIN;
    if (most > left)
        most = left;
    if (end->piece > 0 && most > end->piece)
        most = end->piece;
    memcpy(bytes, end->inbox.bytes + end->taken, most);
    end->taken += most;
    end->receives++;
    return (ssize_t)most;
}

static int send_all(void *owner, const char *bytes, size_t len)
{
    struct pair_end *end = owner;
    if (end->other->is_deaf)
        return -EPIPE;
    text_append(&end->other->inbox, view_of(bytes, len));
    end->sends++;
    return 0;
}

static struct tls_wire wire_of(struct pair_end *end)
{
    return (struct tls_wire){
        .receive = receive, .send = send_all, .owner = end, .buffers = &pair_buffers};
}

void pair_open(struct tls_server *server, struct tls_client *client)
{
    struct tls_wire near_wire = wire_of(&near_end), far_wire = wire_of(&far_end);
    pair_buffers.held_bytes = &pair_held_bytes;
    near_end = (struct pair_end){.other = &far_end, .step = TLS_STEP_WAITS};
    far_end = (struct pair_end){.other = &near_end, .step = TLS_STEP_WAITS};
    if (server)
        near_end.session = tls_session_accept(server, &near_wire);
    if (client)
        far_end.session = tls_session_connect(client, VIEW("peer"), &far_wire);
}

static bool go_on(struct pair_end *end)
{
    size_t taken = end->taken, said = end->other->inbox.len;
    if (end->session && end->step == TLS_STEP_WAITS)
        end->step = tls_session_shake_hands(end->session);
    return end->taken != taken || end->other->inbox.len != said;
}

void pair_shake(void)
{
    bool goes_on = true;
    while (goes_on) {
        goes_on = go_on(&far_end);
        goes_on = go_on(&near_end) || goes_on;
    }
}

void pair_close(void)
{
    tls_session_free(near_end.session);
    tls_session_free(far_end.session);
    text_fini(&near_end.inbox);
    text_fini(&far_end.inbox);
    assert_int_equal(pair_held_bytes, 0);
    tls_buffers_fini(&pair_buffers);
}

void pair_write(struct pair_end *end, struct view bytes)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
    assert_int_equal(tls_session_write(end->session, &piece, 1, false), 0);
}

/* The last that read gave: -EAGAIN, or the end. */
ssize_t pair_read(struct pair_end *end, struct text *out)
{
    ssize_t count;
    size_t taken;
    do {
        char bytes[65536];
        taken = end->taken;
        count = tls_session_read(end->session, bytes, sizeof(bytes));
        if (count > 0)
            text_append(out, view_of(bytes, (size_t)count));
    } while (count > 0 || (count == -EAGAIN && end->taken > taken));
    return count;
}
