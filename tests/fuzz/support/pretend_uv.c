#include "tests/fuzz/support/pretend_uv.h"

#include <sys/socket.h>

#include "lb/base/memory.h"
#include "tests/fuzz/support/target.h"

#define FIRST_FD  1000
#define TURNS_MAX 2000u

struct pretend_uv pretend_uv;

static struct pretend_uv_wire *wire_of(const void *handle)
{
    return ((const uv_handle_t *)handle)->u.reserved[0];
}

/* ---- the script's side ------------------------------------------------------------------------ */

void pretend_uv_init(const struct pretend_uv_hooks *hooks)
{
    pretend_uv = (struct pretend_uv){.hooks = hooks, .segment_bytes = 65536};
    list_init(&pretend_uv.wires);
}

void pretend_uv_fini(void)
{
    list_for_each_safe(node, &pretend_uv.wires)
    {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        TARGET_CHECK(!wire->tcp);
        text_fini(&wire->sent);
        free(wire);
    }
    TARGET_CHECK(!pretend_uv.closing);
}

static struct pretend_uv_wire *new_wire(enum pretend_uv_kind kind, const struct address *peer)
{
    struct pretend_uv_wire *wire = memory_new(sizeof(*wire));
    wire->kind = kind;
    wire->peer = *peer;
    pretend_uv.wire_count++;
    list_append(&pretend_uv.wires, &wire->node);
    return wire;
}

struct pretend_uv_wire *pretend_uv_new_client(const struct address *peer, size_t room)
{
    struct pretend_uv_wire *wire = new_wire(PRETEND_UV_CLIENT, peer);
    wire->connect = PRETEND_UV_CONNECTED;
    wire->room = room;
    return wire;
}

/* ---- the loop --------------------------------------------------------------------------------- */

int uv_loop_init(uv_loop_t *loop)
{
    memset(loop, 0, sizeof(*loop));
    loop->time = 1000;
    pretend_uv.loop = loop;
    return 0;
}

int uv_loop_close(uv_loop_t *loop)
{
    TARGET_CHECK(loop == pretend_uv.loop && !pretend_uv.timer && !pretend_uv.listener);
    return 0;
}

uint64_t uv_now(const uv_loop_t *loop)
{
    return loop->time;
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
    TARGET_CHECK(!pretend_uv.timer); /* one wheel has one */
    memset(timer, 0, sizeof(*timer));
    timer->loop = loop;
    timer->type = UV_TIMER;
    pretend_uv.timer = timer;
    return 0;
}

int uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
    TARGET_CHECK(repeat == 0);
    timer->timer_cb = cb;
    timer->timeout = timer->loop->time + timeout;
    return 0;
}

void uv_unref(uv_handle_t *handle)
{
    TARGET_CHECK(handle->type == UV_TIMER);
}

/* ---- handles ---------------------------------------------------------------------------------- */

int uv_tcp_init(uv_loop_t *loop, uv_tcp_t *tcp)
{
    memset(tcp, 0, sizeof(*tcp));
    tcp->loop = loop;
    tcp->type = UV_TCP;
    return 0;
}

int uv_tcp_init_ex(uv_loop_t *loop, uv_tcp_t *tcp, unsigned flags)
{
    (void)flags;
    return uv_tcp_init(loop, tcp);
}

int uv_tcp_bind(uv_tcp_t *tcp, const struct sockaddr *address, unsigned flags)
{
    (void)tcp, (void)address, (void)flags;
    return 0;
}

int uv_tcp_nodelay(uv_tcp_t *tcp, int on)
{
    (void)tcp, (void)on;
    return 0;
}

int uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb cb)
{
    (void)backlog;
    stream->connection_cb = cb;
    pretend_uv.listener = (uv_tcp_t *)stream;
    return 0;
}

static struct pretend_uv_wire *next_waiting_client(void)
{
    list_for_each(node, &pretend_uv.wires)
    {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        if (wire->kind == PRETEND_UV_CLIENT && !wire->tcp && !wire->was_closed)
            return wire;
    }
    return NULL;
}

static void attach(struct pretend_uv_wire *wire, uv_tcp_t *tcp)
{
    wire->tcp = tcp;
    tcp->u.reserved[0] = wire;
}

int uv_accept(uv_stream_t *server, uv_stream_t *client)
{
    struct pretend_uv_wire *wire = next_waiting_client();
    TARGET_CHECK((uv_tcp_t *)server == pretend_uv.listener && wire);
    if (pretend_uv.fails_accept) {
        pretend_uv.fails_accept = false;
        wire->was_closed = true;
        return UV_EMFILE;
    }
    attach(wire, (uv_tcp_t *)client);
    return 0;
}

int uv_tcp_connect(uv_connect_t *request, uv_tcp_t *tcp, const struct sockaddr *address,
                   uv_connect_cb cb)
{
    struct address peer;
    TARGET_CHECK(address_from_sockaddr(address, &peer) && !wire_of(tcp));
    if (pretend_uv.fails_connect) {
        pretend_uv.fails_connect = false;
        return UV_EADDRNOTAVAIL;
    }
    struct pretend_uv_wire *wire = new_wire(PRETEND_UV_UPSTREAM, &peer);
    attach(wire, tcp);
    wire->connecting = request;
    request->cb = cb;
    request->handle = (uv_stream_t *)tcp;
    pretend_uv.hooks->on_connect(wire);
    if (pretend_uv.connects_at_once)
        wire->connect = PRETEND_UV_CONNECTED;
    return 0;
}

static int give_address(const struct address *from, struct sockaddr *name, int *len)
{
    bool is_v4 = from->socket.any.sa_family == AF_INET;
    size_t size = is_v4 ? sizeof(from->socket.v4) : sizeof(from->socket.v6);
    TARGET_CHECK((size_t)*len >= size);
    memcpy(name, &from->socket, size);
    *len = (int)size;
    return 0;
}

int uv_tcp_getpeername(const uv_tcp_t *tcp, struct sockaddr *name, int *len)
{
    return wire_of(tcp) ? give_address(&wire_of(tcp)->peer, name, len) : UV_ENOTCONN;
}

int uv_tcp_getsockname(const uv_tcp_t *tcp, struct sockaddr *name, int *len)
{
    return uv_tcp_getpeername(tcp, name, len);
}

void uv_close(uv_handle_t *handle, uv_close_cb cb)
{
    struct pretend_uv_wire *wire = wire_of(handle);
    for (const uv_handle_t *other = pretend_uv.closing; other; other = other->next_closing)
        TARGET_CHECK(other != handle);
    handle->close_cb = cb;
    handle->next_closing = pretend_uv.closing;
    pretend_uv.closing = handle;
    if ((uv_tcp_t *)(void *)handle == pretend_uv.listener)
        pretend_uv.listener = NULL;
    if ((uv_timer_t *)(void *)handle == pretend_uv.timer)
        pretend_uv.timer = NULL;
    if (!wire)
        return;
    wire->is_closing = true;
    wire->is_reading = false;
    wire->was_closed = true;
    wire->was_reset |= wire->read_at < wire->sent.len; /* as kernels do with bytes that nobody read */
    if (wire->connect == PRETEND_UV_CONNECTED && !wire->was_shut)
        pretend_uv.hooks->on_write_end(wire);
}

/* ---- reading and writing ---------------------------------------------------------------------- */

int uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb)
{
    struct pretend_uv_wire *wire = wire_of(stream);
    TARGET_CHECK(wire && !wire->is_closing && !wire->is_reading);
    if (wire->connect != PRETEND_UV_CONNECTED)
        return UV_ENOTCONN;
    stream->alloc_cb = alloc_cb;
    stream->read_cb = read_cb;
    wire->is_reading = true;
    return 0;
}

int uv_read_stop(uv_stream_t *stream)
{
    wire_of(stream)->is_reading = false;
    return 0;
}

/* Hands the far end what it has room for. Gives the count, UV_EAGAIN, or an error. */
static int put(struct pretend_uv_wire *wire, const uv_buf_t *bufs, unsigned count)
{
    size_t taken = 0, wanted = 0;
    if (wire->has_reset || wire->was_shut)
        return UV_EPIPE;
    for (unsigned i = 0; i < count; i++) {
        size_t part = bufs[i].len < wire->room - taken ? bufs[i].len : wire->room - taken;
        wanted += bufs[i].len;
        if (part > 0)
            pretend_uv.hooks->on_written(wire, view_of(bufs[i].base, part));
        taken += part;
        if (part < bufs[i].len)
            break;
    }
    wire->room -= taken;
    return taken > 0 || wanted == 0 ? (int)taken : UV_EAGAIN;
}

int uv_try_write(uv_stream_t *stream, const uv_buf_t bufs[], unsigned count)
{
    struct pretend_uv_wire *wire = wire_of(stream);
    TARGET_CHECK(wire && !wire->is_closing && count > 0);
    if (wire->connecting || wire->writing)
        return UV_EAGAIN;
    return put(wire, bufs, count);
}

/* Writes on. True once the request is over, well or not. */
static bool write_on(struct pretend_uv_wire *wire)
{
    int written = put(wire, wire->bufs, wire->buf_count);
    unsigned done = 0;
    if (written < 0 && written != UV_EAGAIN) {
        wire->write_status = written;
        return true;
    }
    size_t left = written > 0 ? (size_t)written : 0;
    wire->tcp->write_queue_size -= left;
    for (; done < wire->buf_count && left >= wire->bufs[done].len; done++)
        left -= wire->bufs[done].len;
    wire->buf_count -= done;
    memmove(wire->bufs, wire->bufs + done, wire->buf_count * sizeof(wire->bufs[0]));
    if (wire->buf_count == 0)
        return true;
    wire->bufs[0].base += left;
    wire->bufs[0].len -= left;
    return false;
}

int uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t bufs[], unsigned count,
             uv_write_cb cb)
{
    struct pretend_uv_wire *wire = wire_of(stream);
    TARGET_CHECK(wire && !wire->is_closing && count > 0 && count <= 16);
    TARGET_CHECK(!wire->writing && !wire->connecting && !wire->shutting && !wire->was_shut);
    wire->writing = request;
    wire->write_status = 0;
    wire->buf_count = count;
    memcpy(wire->bufs, bufs, count * sizeof(bufs[0]));
    for (unsigned i = 0; i < count; i++)
        stream->write_queue_size += bufs[i].len;
    request->cb = cb;
    request->handle = stream;
    return 0;
}

size_t uv_stream_get_write_queue_size(const uv_stream_t *stream)
{
    return stream->write_queue_size;
}

int uv_shutdown(uv_shutdown_t *request, uv_stream_t *stream, uv_shutdown_cb cb)
{
    struct pretend_uv_wire *wire = wire_of(stream);
    TARGET_CHECK(wire && !wire->is_closing && !wire->writing && !wire->shutting);
    if (wire->connect != PRETEND_UV_CONNECTED || wire->was_shut)
        return UV_ENOTCONN;
    wire->shutting = request;
    request->cb = cb;
    request->handle = stream;
    return 0;
}

/* ---- one turn --------------------------------------------------------------------------------- */

static bool run_timer(void)
{
    uv_timer_t *timer = pretend_uv.timer;
    if (!timer || !timer->timer_cb || timer->timeout > pretend_uv.loop->time)
        return false;
    uv_timer_cb cb = timer->timer_cb;
    timer->timer_cb = NULL;
    cb(timer);
    return true;
}

static bool run_connect(struct pretend_uv_wire *wire)
{
    if (!wire->connecting || wire->is_closing || wire->connect == PRETEND_UV_CONNECTING)
        return false;
    uv_connect_t *request = wire->connecting;
    wire->connecting = NULL;
    request->cb(request, wire->connect == PRETEND_UV_CONNECTED ? 0 : wire->connect_status);
    return true;
}

static bool run_read(struct pretend_uv_wire *wire)
{
    uv_buf_t buf = uv_buf_init(NULL, 0);
    if (!wire->is_reading || wire->is_closing)
        return false;
    uv_stream_t *stream = (uv_stream_t *)wire->tcp;
    size_t size = wire->sent.len - wire->read_at;
    if (size == 0 && !wire->has_reset && !wire->has_shut)
        return false;
    stream->alloc_cb((uv_handle_t *)stream, 65536, &buf);
    if (size == 0) {
        int status = wire->has_reset && !wire->is_reset_told ? UV_ECONNRESET : UV_EOF;
        wire->is_reset_told = wire->has_reset;
        wire->is_reading = false;
        pretend_uv.hooks->on_read_end(wire, status);
        stream->read_cb(stream, status, &buf);
        return true;
    }
    size = size < buf.len ? size : buf.len;
    size = size < pretend_uv.segment_bytes ? size : pretend_uv.segment_bytes;
    memcpy(buf.base, wire->sent.bytes + wire->read_at, size);
    wire->read_at += size;
    pretend_uv.hooks->on_read(wire, view_of(buf.base, size));
    stream->read_cb(stream, (ssize_t)size, &buf);
    memset(buf.base, 0xEE, size);
    return true;
}

static bool run_write(struct pretend_uv_wire *wire)
{
    if (!wire->writing || wire->is_closing)
        return false;
    size_t before = wire->tcp->write_queue_size;
    if (!write_on(wire))
        return wire->tcp->write_queue_size != before;
    uv_write_t *request = wire->writing;
    wire->writing = NULL;
    wire->tcp->write_queue_size = 0;
    request->cb(request, wire->write_status);
    return true;
}

static bool run_shutdown(struct pretend_uv_wire *wire)
{
    if (!wire->shutting || wire->is_closing)
        return false;
    uv_shutdown_t *request = wire->shutting;
    wire->shutting = NULL;
    wire->was_shut = true;
    if (!wire->has_reset)
        pretend_uv.hooks->on_write_end(wire);
    request->cb(request, wire->has_reset ? UV_ENOTCONN : 0);
    return true;
}

static void cancel_requests(struct pretend_uv_wire *wire)
{
    uv_connect_t *connecting = wire->connecting;
    uv_write_t *writing = wire->writing;
    uv_shutdown_t *shutting = wire->shutting;
    wire->connecting = NULL, wire->writing = NULL, wire->shutting = NULL;
    if (connecting)
        connecting->cb(connecting, UV_ECANCELED);
    if (writing)
        writing->cb(writing, UV_ECANCELED);
    if (shutting)
        shutting->cb(shutting, UV_ECANCELED);
}

static bool run_closing(void)
{
    uv_handle_t *handle = pretend_uv.closing;
    bool has_any = handle != NULL;
    pretend_uv.closing = NULL;
    while (handle) {
        uv_handle_t *next = handle->next_closing;
        struct pretend_uv_wire *wire = wire_of(handle);
        if (wire) {
            cancel_requests(wire);
            wire->tcp = NULL;
        }
        if (handle->close_cb)
            handle->close_cb(handle);
        handle = next;
    }
    return has_any;
}

/* True when something happened. */
static bool turn(void)
{
    bool has_any = run_timer();
    if (pretend_uv.listener && next_waiting_client()) {
        uv_stream_t *stream = (uv_stream_t *)pretend_uv.listener;
        stream->connection_cb(stream, 0);
        has_any = true;
    }
    list_for_each(node, &pretend_uv.wires)
    {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        has_any |= run_connect(wire);
        has_any |= run_read(wire);
        has_any |= run_write(wire);
        has_any |= run_shutdown(wire);
    }
    return run_closing() || has_any;
}

int uv_run(uv_loop_t *loop, uv_run_mode mode)
{
    TARGET_CHECK(loop == pretend_uv.loop && mode == UV_RUN_DEFAULT);
    while (pretend_uv.closing)
        turn();
    return 0;
}

void pretend_uv_settle(void)
{
    for (unsigned turns = 0; turn(); turns++)
        TARGET_CHECK(turns < TURNS_MAX + 300000 / pretend_uv.segment_bytes);
}

void pretend_uv_pass(uint64_t ms)
{
    pretend_uv.loop->time += ms;
    pretend_uv_settle();
}

/* ---- the rest --------------------------------------------------------------------------------- */

uv_buf_t uv_buf_init(char *base, unsigned len)
{
    return (uv_buf_t){.base = base, .len = len};
}

int uv_fileno(const uv_handle_t *handle, uv_os_fd_t *fd)
{
    int at = FIRST_FD;
    list_for_each(node, &pretend_uv.wires)
    {
        at++;
        if (list_entry(node, struct pretend_uv_wire, node) == wire_of(handle)) {
            *fd = at;
            return 0;
        }
    }
    *fd = FIRST_FD;
    return 0;
}

/* The linker puts it in the place of setsockopt(): SO_LINGER is how lb asks for a reset. */
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    int at = FIRST_FD;
    (void)value, (void)len;
    list_for_each(node, &pretend_uv.wires)
    {
        if (++at == fd && level == SOL_SOCKET && name == SO_LINGER)
            list_entry(node, struct pretend_uv_wire, node)->was_reset = true;
    }
    return 0;
}

const char *uv_strerror(int status)
{
    return status < 0 ? "an error" : "no error";
}

int uv_translate_sys_error(int sys_errno)
{
    return -sys_errno;
}
