#include "lb/net/transport.h"

#include <unistd.h>

void transport_init(struct transport *transport, uv_loop_t *loop)
{
    transport->fd = -1;
    uv_tcp_init(loop, &transport->tcp); /* without a socket nothing can fail */
}

int transport_open(struct transport *transport, int fd)
{
    int rc = uv_tcp_open(&transport->tcp, fd);
    if (rc < 0)
        close(fd);
    else
        transport->fd = fd;
    return rc;
}

int transport_connect(struct transport *transport, uv_connect_t *request, const struct address *to,
                      uv_connect_cb on_connect)
{
    int rc = uv_tcp_connect(request, &transport->tcp, &to->socket.any, on_connect);
    return rc < 0 ? rc : uv_fileno((const uv_handle_t *)&transport->tcp, &transport->fd);
}

void transport_close(struct transport *transport, enum transport_end end, uv_close_cb on_close)
{
    if (end == TRANSPORT_ENDS)
        socket_shut(transport->fd);
    else if (end == TRANSPORT_RESETS)
        socket_reset_at_close(transport->fd);
    transport->fd = -1;
    uv_close((uv_handle_t *)&transport->tcp, on_close);
}
