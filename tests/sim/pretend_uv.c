#include "tests/sim/pretend_uv.h"

#include "lb/base/memory.h"
#include "tests/sim/sim_check.h"

#define CLOSING 1u /* in a handle's flags, for good */

struct pretend_uv pretend_uv;

/* ---- the script's side ----------------------------------------------------------------------- */

void pretend_uv_init(const struct pretend_uv_hooks *hooks)
{
    pretend_uv = (struct pretend_uv){.hooks = hooks, .segment_bytes = 65536};
    list_init(&pretend_uv.wires);
}

void pretend_uv_fini(void)
{
    list_for_each_safe (node, &pretend_uv.wires) {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        SIM_CHECK(!wire->tcp);
        text_fini(&wire->sent);
        text_fini(&wire->got);
        free(wire);
    }
    SIM_CHECK(!pretend_uv.closing);
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

/* ---- the loop -------------------------------------------------------------------------------- */

int uv_loop_init(uv_loop_t *loop)
{
    memset(loop, 0, sizeof(*loop));
    loop->time = 1000;
    pretend_uv.loop = loop;
    return 0;
}

int uv_loop_close(uv_loop_t *loop)
{
    SIM_CHECK(loop == pretend_uv.loop && !pretend_uv.listener);
    for (unsigned i = 0; i < PRETEND_UV_HANDLE_MAX; i++)
        SIM_CHECK(!pretend_uv.timers[i] && !pretend_uv.asyncs[i]);
    SIM_CHECK(!pretend_uv.after_poll);
    return 0;
}

uint64_t uv_now(const uv_loop_t *loop)
{
    return loop->time;
}

void uv_update_time(uv_loop_t *loop)
{
    (void)loop; /* only the script moves it */
}

static unsigned free_place(void *const places[PRETEND_UV_HANDLE_MAX])
{
    unsigned at = 0;
    while (at < PRETEND_UV_HANDLE_MAX && places[at])
        at++;
    SIM_CHECK(at < PRETEND_UV_HANDLE_MAX);
    return at;
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
    memset(timer, 0, sizeof(*timer));
    timer->loop = loop;
    timer->type = UV_TIMER;
    pretend_uv.timers[free_place((void *const *)pretend_uv.timers)] = timer;
    return 0;
}

int uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb cb)
{
    memset(async, 0, sizeof(*async));
    async->loop = loop;
    async->type = UV_ASYNC;
    async->async_cb = cb;
    pretend_uv.asyncs[free_place((void *const *)pretend_uv.asyncs)] = async;
    return 0;
}

int uv_async_send(uv_async_t *async)
{
    SIM_CHECK(!uv_is_closing((uv_handle_t *)async));
    async->pending = 1;
    return 0;
}

int uv_queue_work(uv_loop_t *loop, uv_work_t *work, uv_work_cb run, uv_after_work_cb done)
{
    unsigned place = 0;
    while (place < PRETEND_UV_WORK_MAX && pretend_uv.works[place])
        place++;
    SIM_CHECK(loop == pretend_uv.loop && place < PRETEND_UV_WORK_MAX);
    pretend_uv.works[place] = work;
    work->loop = loop;
    work->work_cb = run;
    work->after_work_cb = done;
    return 0;
}

/* As none runs while lb does, each can still be called off. */
int uv_cancel(uv_req_t *request)
{
    for (unsigned i = 0; i < PRETEND_UV_WORK_MAX; i++)
        if ((uv_req_t *)pretend_uv.works[i] == request)
            pretend_uv.works[i]->work_cb = NULL;
    return 0;
}

int uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
    SIM_CHECK(repeat == 0);
    timer->timer_cb = cb;
    timer->timeout = timer->loop->time + timeout;
    return 0;
}

int uv_timer_stop(uv_timer_t *timer)
{
    timer->timer_cb = NULL;
    return 0;
}

int uv_prepare_init(uv_loop_t *loop, uv_prepare_t *prepare)
{
    memset(prepare, 0, sizeof(*prepare));
    prepare->loop = loop;
    prepare->type = UV_PREPARE;
    return 0;
}

int uv_prepare_start(uv_prepare_t *prepare, uv_prepare_cb cb)
{
    prepare->prepare_cb = cb;
    pretend_uv.before_poll = prepare;
    return 0;
}

/* Time stands still, so there is never a poll that would wait. */
int uv_idle_init(uv_loop_t *loop, uv_idle_t *idle)
{
    memset(idle, 0, sizeof(*idle));
    idle->loop = loop;
    idle->type = UV_IDLE;
    return 0;
}

int uv_idle_start(uv_idle_t *idle, uv_idle_cb cb)
{
    (void)idle, (void)cb;
    return 0;
}

int uv_idle_stop(uv_idle_t *idle)
{
    (void)idle;
    return 0;
}

int uv_check_init(uv_loop_t *loop, uv_check_t *check)
{
    memset(check, 0, sizeof(*check));
    check->loop = loop;
    check->type = UV_CHECK;
    return 0;
}

int uv_check_start(uv_check_t *check, uv_check_cb cb)
{
    check->check_cb = cb;
    pretend_uv.after_poll = check;
    return 0;
}

int uv_check_stop(uv_check_t *check)
{
    SIM_CHECK(pretend_uv.after_poll == check);
    pretend_uv.after_poll = NULL;
    return 0;
}

void uv_unref(uv_handle_t *handle)
{
    SIM_CHECK(handle->type == UV_TIMER || handle->type == UV_PREPARE || handle->type == UV_IDLE ||
              handle->type == UV_CHECK);
}

/* ---- handles --------------------------------------------------------------------------------- */

int uv_tcp_init(uv_loop_t *loop, uv_tcp_t *tcp)
{
    memset(tcp, 0, sizeof(*tcp));
    tcp->loop = loop;
    tcp->type = UV_TCP;
    return 0;
}

int uv_tcp_nodelay(uv_tcp_t *tcp, int on)
{
    (void)tcp, (void)on;
    return 0;
}

int uv_is_closing(const uv_handle_t *handle)
{
    return handle->flags & CLOSING;
}

int uv_is_active(const uv_handle_t *handle)
{
    SIM_CHECK(handle->type == UV_TIMER);
    return ((const uv_timer_t *)(const void *)handle)->timer_cb != NULL;
}

int uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
    SIM_CHECK(fd == PRETEND_UV_LISTENER_FD && !pretend_uv.listener);
    memset(poll, 0, sizeof(*poll));
    poll->loop = loop;
    poll->type = UV_POLL;
    pretend_uv.listener = poll;
    return 0;
}

int uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb cb)
{
    SIM_CHECK(poll == pretend_uv.listener && events == UV_READABLE);
    poll->poll_cb = cb;
    return 0;
}

int uv_poll_stop(uv_poll_t *poll)
{
    poll->poll_cb = NULL;
    return 0;
}

struct pretend_uv_wire *pretend_uv_waiting_client(void)
{
    list_for_each (node, &pretend_uv.wires) {
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

int uv_tcp_open(uv_tcp_t *tcp, uv_os_sock_t fd)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_at(fd);
    SIM_CHECK(wire && wire == pretend_uv_waiting_client());
    if (pretend_uv.fails_accept) {
        pretend_uv.fails_accept = false;
        return UV_EEXIST;
    }
    attach(wire, tcp);
    return 0;
}

int uv_tcp_connect(uv_connect_t *request, uv_tcp_t *tcp, const struct sockaddr *address,
                   uv_connect_cb cb)
{
    struct address peer;
    SIM_CHECK(address_from_sockaddr(address, &peer) && !pretend_uv_wire_of(tcp));
    if (pretend_uv.fails_connect) {
        pretend_uv.fails_connect = false;
        return pretend_uv.connect_fault ? pretend_uv.connect_fault : UV_EADDRNOTAVAIL;
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

void uv_close(uv_handle_t *handle, uv_close_cb cb)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_of(handle);
    for (const uv_handle_t *other = pretend_uv.closing; other; other = other->next_closing)
        SIM_CHECK(other != handle);
    handle->close_cb = cb;
    handle->next_closing = pretend_uv.closing;
    handle->flags |= CLOSING;
    pretend_uv.closing = handle;
    if ((uv_poll_t *)(void *)handle == pretend_uv.listener)
        pretend_uv.listener = NULL;
    if ((uv_prepare_t *)(void *)handle == pretend_uv.before_poll)
        pretend_uv.before_poll = NULL;
    for (unsigned i = 0; i < PRETEND_UV_HANDLE_MAX; i++) {
        if ((uv_timer_t *)(void *)handle == pretend_uv.timers[i])
            pretend_uv.timers[i] = NULL;
        if ((uv_async_t *)(void *)handle == pretend_uv.asyncs[i])
            pretend_uv.asyncs[i] = NULL;
    }
    if (!wire)
        return;
    wire->is_closing = true;
    wire->is_reading = false;
    wire->was_closed = true;
    /* What was held back is lost by a reset, which what nobody has read makes of a close. */
    SIM_CHECK(!wire->is_held_back || wire->was_shut || wire->was_reset || wire->has_reset);
    wire->was_reset |=
        wire->read_at < wire->sent.len; /* as kernels do with bytes that nobody read */
    if (wire->connect == PRETEND_UV_CONNECTED && !wire->was_shut)
        pretend_uv.hooks->on_write_end(wire);
}

/* ---- the rest -------------------------------------------------------------------------------- */

uv_buf_t uv_buf_init(char *base, unsigned len)
{
    return (uv_buf_t){.base = base, .len = len};
}

struct pretend_uv_wire *pretend_uv_wire_at(int fd)
{
    int at = PRETEND_UV_LISTENER_FD;
    list_for_each (node, &pretend_uv.wires)
        if (++at == fd)
            return list_entry(node, struct pretend_uv_wire, node);
    return NULL;
}

int uv_fileno(const uv_handle_t *handle, uv_os_fd_t *fd)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_of(handle);
    *fd = PRETEND_UV_LISTENER_FD; /* of what has no wire */
    if (wire)
        do
            ++*fd;
        while (pretend_uv_wire_at(*fd) != wire);
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
