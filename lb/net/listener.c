#include "lb/net/listener.h"

#include <errno.h>
#include <unistd.h>

#include "lb/base/list.h"

#define REST_MS 100u

static void on_uv_connection(uv_stream_t *handle, int status);
static void on_rested(struct deadline *deadline);

static int set_reuse_port(uv_tcp_t *tcp)
{
    int on = 1;
    uv_os_fd_t fd;
    int rc = uv_fileno((uv_handle_t *)tcp, &fd);
    if (rc == 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0)
        rc = uv_translate_sys_error(errno);
    return rc;
}

static int start(struct listener *listener)
{
    const struct sockaddr *at = &listener->at.socket.any;
    /* The family makes the socket at once, so that the option can be set before bind. */
    int rc = uv_tcp_init_ex(&listener->loop->uv, &listener->tcp, at->sa_family);
    if (rc < 0)
        return rc;
    rc = set_reuse_port(&listener->tcp);
    if (rc == 0)
        rc = uv_tcp_bind(&listener->tcp, at, 0);
    if (rc == 0)
        uv_tcp_nodelay(&listener->tcp, 1); /* what it accepts inherits it */
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&listener->tcp, LISTENER_BACKLOG, on_uv_connection);
    if (rc < 0)
        uv_close((uv_handle_t *)&listener->tcp, NULL);
    return rc;
}

int listener_open(struct listener *listener, struct loop *loop, const struct address *at,
                  void (*on_connection)(void *owner, struct listener *listener), void *owner)
{
    *listener =
        (struct listener){.on_connection = on_connection, .owner = owner, .loop = loop, .at = *at};
    deadline_init(&listener->rest, on_rested);
    int rc = start(listener);
    listener->is_open = rc == 0;
    if (rc == 0)
        listener_address(listener, &listener->at);
    return rc;
}

int listener_check_free(const struct address *at)
{
    int on = 1;
    bool is_v4 = at->socket.any.sa_family == AF_INET;
    socklen_t len = is_v4 ? sizeof(at->socket.v4) : sizeof(at->socket.v6);
    int fd = socket(at->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return uv_translate_sys_error(errno);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    int rc = bind(fd, &at->socket.any, len) < 0 ? uv_translate_sys_error(errno) : 0;
    close(fd);
    return rc;
}

bool listener_address(const struct listener *listener, struct address *out)
{
    struct sockaddr_storage name;
    int len = sizeof(name);
    return uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&name, &len) == 0 &&
           address_from_sockaddr((struct sockaddr *)&name, out);
}

void listener_close(struct listener *listener)
{
    if (!listener->is_open)
        return;
    listener->is_open = false;
    deadline_disarm(&listener->rest);
    if (!listener->is_resting)
        uv_close((uv_handle_t *)&listener->tcp, NULL);
}

static void rest(struct listener *listener)
{
    listener->is_resting = true;
    deadline_arm(&listener->loop->deadlines, &listener->rest, REST_MS);
}

static void on_uv_closed(uv_handle_t *handle)
{
    struct listener *listener = list_entry(handle, struct listener, tcp);
    if (listener->is_open)
        rest(listener);
}

static void on_rested(struct deadline *deadline)
{
    struct listener *listener = list_entry(deadline, struct listener, rest);
    listener->is_resting = start(listener) < 0;
    if (listener->is_resting)
        rest(listener);
}

static void on_uv_connection(uv_stream_t *handle, int status)
{
    struct listener *listener = list_entry(handle, struct listener, tcp);
    if (!listener->is_open)
        return;
    if (status == 0) {
        listener->on_connection(listener->owner, listener);
    } else {
        listener->is_resting = true;
        uv_close((uv_handle_t *)handle, on_uv_closed);
    }
}
