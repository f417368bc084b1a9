#include "lb/net/udp_probe.h"

#include <unistd.h>

#include "lb/net/datagram.h"
#include "lb/net/socket.h"

/* Of one turn: a peer that never stops does not keep the loop from the others. */
#define AT_A_TIME 16u

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events; /* an error of the socket is what reading it gives */
    udp_probe_look(poll->data);
}

static void on_uv_closed(uv_handle_t *handle)
{
    struct udp_probe *probe = handle->data;
    probe->handler->on_closed(probe->owner);
}

static int fail_to_open(struct udp_probe *probe, int status)
{
    if (probe->fd >= 0)
        close(probe->fd);
    probe->fd = -1;
    uv_timer_init(&probe->loop->uv, &probe->as.none);
    probe->as.none.data = probe;
    uv_close((uv_handle_t *)&probe->as.none, on_uv_closed);
    return status;
}

int udp_probe_open(struct udp_probe *probe, struct loop *loop, const struct address *to,
                   const struct udp_probe_handler *handler, void *owner)
{
    *probe = (struct udp_probe){.loop = loop, .handler = handler, .owner = owner};
    probe->fd = datagram_connect(to);
    if (probe->fd < 0)
        return fail_to_open(probe, probe->fd);
    int rc = uv_poll_init(&loop->uv, &probe->as.poll, probe->fd);
    if (rc < 0)
        return fail_to_open(probe, rc);
    probe->as.poll.data = probe;
    uv_poll_start(&probe->as.poll, UV_READABLE, on_poll);
    return 0;
}

int udp_probe_send(struct udp_probe *probe, struct view data)
{
    return send(probe->fd, data.ptr, data.len, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void udp_probe_look(struct udp_probe *probe)
{
    for (unsigned i = 0; i < AT_A_TIME && probe->fd >= 0; i++) {
        ssize_t count = socket_recv(probe->fd, probe->loop->read_buffer, LOOP_READ_BYTES);
        if (count == -EAGAIN || count == -EINTR)
            break;
        if (count < 0) {
            probe->handler->on_broken(probe->owner, (int)count);
            return;
        }
        struct view data = view_of(probe->loop->read_buffer, (size_t)count);
        probe->handler->on_datagram(probe->owner, data);
    }
}

void udp_probe_close(struct udp_probe *probe)
{
    if (probe->fd < 0)
        return;
    uv_close((uv_handle_t *)&probe->as.poll, on_uv_closed); /* lets go of the socket at once */
    close(probe->fd);
    probe->fd = -1;
}
