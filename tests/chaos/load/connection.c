#include "tests/chaos/load/connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define READ_BYTES 65536

static void close_connection(struct connection *connection)
{
    SSL_free(connection->tls);
    connection->tls = NULL;
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    connection->state = CONNECTION_CLOSED;
}

static void fail(struct connection *connection, const char *kind)
{
    tally_add(connection->tally, &connection->request, &connection->answer, kind,
              connection->was_used);
    close_connection(connection);
}

static void watch(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(connection->epoll, operation, connection->fd, &event);
}

static void begin(struct connection *connection, const struct request *request)
{
    connection->request = *request;
    connection->request.begun_ns = clock_mono_ns();
    connection->request.begun_wall_ns = clock_wall_ns();
    connection->sent = 0;
    answer_init(&connection->answer);
}

static void secure(struct connection *connection, SSL_CTX *context)
{
    connection->tls = SSL_new(context);
    SSL_set_connect_state(connection->tls);
    SSL_set_tlsext_host_name(connection->tls, "chaos");
    SSL_set_fd(connection->tls, connection->fd);
}

struct connection *connection_open(const struct connection_way *way, const struct request *request,
                                   bool is_single)
{
    struct connection *connection = memory_new(sizeof(*connection));
    const struct address *to = way->to;
    int one = 1;
    connection->tally = way->tally;
    connection->epoll = way->epoll;
    connection->is_single = is_single;
    begin(connection, request);
    connection->tally->connections++;
    connection->fd =
        socket(to->socket.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) {
        fail(connection, "connect");
        return connection;
    }
    if (way->tls)
        secure(connection, way->tls);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    connection->state = CONNECTION_CONNECTING;
    watch(connection, EPOLL_CTL_ADD, EPOLLOUT);
    if (connect(connection->fd, &to->socket.any, address_size(to)) != 0 && errno != EINPROGRESS)
        fail(connection, "connect");
    return connection;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static bool is_sent(const struct connection *connection)
{
    return connection->sent == connection->request.head_len + connection->request.body.len;
}

static ssize_t send_some(struct connection *connection)
{
    const struct request *request = &connection->request;
    size_t of_head = connection->sent < request->head_len ? connection->sent : request->head_len;
    size_t of_body = connection->sent - of_head;
    struct iovec pieces[2] = {
        {(char *)(uintptr_t)request->head + of_head, request->head_len - of_head},
        {(char *)(uintptr_t)request->body.ptr + of_body, request->body.len - of_body},
    };
    if (connection->tls) {
        const struct iovec *piece = &pieces[pieces[0].iov_len == 0];
        return tls_send(connection->tls, piece->iov_base, piece->iov_len);
    }
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    return sendmsg(connection->fd, &message, MSG_NOSIGNAL);
}

/* An error is told by the read side, after the answer that may still wait there. */
static void send_rest(struct connection *connection)
{
    while (!is_sent(connection)) {
        ssize_t count = send_some(connection);
        if (count <= 0)
            break;
        connection->sent += (size_t)count;
    }
}

static void finish(struct connection *connection)
{
    const struct answer *answer = &connection->answer;
    const char *kind = answer->status != 200 ? "status" : answer->is_wrong ? "wrong_body" : NULL;
    bool stays = is_sent(connection) && !connection->is_single && !answer->says_close &&
                 !connection->request.says_close;
    tally_add(connection->tally, &connection->request, answer, kind, connection->was_used);
    connection->was_used = true;
    if (!stays) {
        close_connection(connection);
        return;
    }
    connection->state = CONNECTION_IDLE;
    watch(connection, EPOLL_CTL_MOD, EPOLLIN);
}

/* The proxy ended the connection before the answer was complete; `error` is 0 for a FIN. */
static void on_end(struct connection *connection, int error)
{
    if (connection->answer.got > 0)
        fail(connection, "cut");
    else
        fail(connection, error ? "reset" : "closed");
}

static void read_answer(struct connection *connection)
{
    static char bytes[READ_BYTES];
    while (connection->state == CONNECTION_ASKING) {
        ssize_t count = connection->tls ? tls_receive(connection->tls, bytes, sizeof(bytes))
                                        : recv(connection->fd, bytes, sizeof(bytes), 0);
        if (count < 0 && errno == EAGAIN)
            return;
        if (count <= 0) {
            on_end(connection, count < 0 ? errno : 0);
            return;
        }
        bool fits =
            answer_take(&connection->answer, &connection->request, view_of(bytes, (size_t)count));
        if (!fits || connection->answer.stage == ANSWER_MALFORMED)
            fail(connection, "malformed");
        else if (connection->answer.stage == ANSWER_COMPLETE)
            finish(connection);
    }
}

static void ask(struct connection *connection)
{
    connection->state = CONNECTION_ASKING;
    send_rest(connection);
    watch(connection, EPOLL_CTL_MOD,
          is_sent(connection) ? (uint32_t)EPOLLIN : (uint32_t)(EPOLLIN | EPOLLOUT));
}

static void shake(struct connection *connection)
{
    ERR_clear_error();
    int rc = SSL_do_handshake(connection->tls);
    int error = rc == 1 ? 0 : SSL_get_error(connection->tls, rc);
    connection->state = CONNECTION_SHAKING;
    if (rc == 1) {
        connection->tally->tls_connections++;
        ask(connection);
    } else if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        watch(connection, EPOLL_CTL_MOD, error == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
    else
        fail(connection, "handshake");
}

static void on_connected(struct connection *connection)
{
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error)
        fail(connection, "connect");
    else if (connection->tls)
        shake(connection);
    else
        ask(connection);
}

/* What the server says of itself (a ticket, that it ends), or the end; nothing that was asked for. */
static bool has_ended(struct connection *connection)
{
    char byte;
    ssize_t count = connection->tls ? tls_receive(connection->tls, &byte, 1)
                                    : recv(connection->fd, &byte, 1, MSG_PEEK);
    return count >= 0 || errno != EAGAIN;
}

/* ---- what its owner calls -------------------------------------------------------------------- */

bool connection_ask(struct connection *connection, const struct request *request)
{
    if (has_ended(connection)) {
        connection->tally->closed_while_idle++;
        close_connection(connection);
        return false;
    }
    begin(connection, request);
    ask(connection);
    return true;
}

void connection_on_ready(struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_CONNECTING:
        on_connected(connection);
        break;
    case CONNECTION_SHAKING:
        shake(connection);
        break;
    case CONNECTION_ASKING: {
        bool was_sent = is_sent(connection);
        send_rest(connection);
        if (!was_sent && is_sent(connection))
            watch(connection, EPOLL_CTL_MOD, EPOLLIN);
        read_answer(connection);
        break;
    }
    case CONNECTION_IDLE: /* its end, or bytes that nobody asked for */
        if (connection->tls && !has_ended(connection))
            break;
        connection->tally->closed_while_idle++;
        close_connection(connection);
        break;
    case CONNECTION_CLOSED:
        break;
    }
}

void connection_check_time(struct connection *connection, uint64_t now_ns)
{
    bool waits = connection->state != CONNECTION_IDLE && connection->state != CONNECTION_CLOSED;
    if (waits && now_ns > connection->request.begun_ns + CONNECTION_TIMEOUT_NS)
        fail(connection, "timeout");
}
