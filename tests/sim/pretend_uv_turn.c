/* Bytes and turns of the loop: the other half of pretend_uv.c. */
#include "tests/sim/pretend_uv.h"

#include <string.h>

#include "tests/sim/sim_check.h"

#define TURNS_MAX 2000u

/* ---- reading and writing --------------------------------------------------------------------- */

int uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb)
{
    struct pretend_uv_wire *wire = pretend_uv_wire_of(stream);
    SIM_CHECK(wire && !wire->is_closing && !wire->is_reading);
    if (wire->connect == PRETEND_UV_NOT_CONNECTED)
        return UV_ENOTCONN;
    stream->alloc_cb = alloc_cb;
    stream->read_cb = read_cb;
    wire->is_reading = true;
    return 0;
}

int uv_read_stop(uv_stream_t *stream)
{
    pretend_uv_wire_of(stream)->is_reading = false;
    return 0;
}

int pretend_uv_put(struct pretend_uv_wire *wire, const uv_buf_t *bufs, unsigned count)
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
    wire->write_count += taken > 0;
    return taken > 0 || wanted == 0 ? (int)taken : UV_EAGAIN;
}

/* Writes on. True once the request is over, well or not. */
static bool write_on(struct pretend_uv_wire *wire)
{
    int written = pretend_uv_put(wire, wire->bufs, wire->buf_count);
    wire->is_held_back &= written <= 0;
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
    struct pretend_uv_wire *wire = pretend_uv_wire_of(stream);
    SIM_CHECK(wire && !wire->is_closing && count > 0 && count <= 16);
    SIM_CHECK(!wire->writing && !wire->connecting && !wire->was_shut);
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

/* ---- one turn -------------------------------------------------------------------------------- */

static bool run_timer(uv_timer_t *timer)
{
    if (!timer || !timer->timer_cb || timer->timeout > pretend_uv.loop->time)
        return false;
    uv_timer_cb cb = timer->timer_cb;
    timer->timer_cb = NULL;
    cb(timer);
    return true;
}

static bool run_async(uv_async_t *async)
{
    if (!async || !async->pending)
        return false;
    async->pending = 0;
    async->async_cb(async);
    return true;
}

/* One that was called off has no function any more. */
static bool run_work(uv_work_t **place)
{
    uv_work_t *work = *place;
    if (!work || (work->work_cb && pretend_uv.is_pool_busy))
        return false;
    uv_work_cb run = work->work_cb;
    *place = NULL;
    if (run)
        run(work);
    work->after_work_cb(work, run ? 0 : UV_ECANCELED);
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

/* lb takes nothing from libuv but the word that there is something; it reads by recv(). */
static bool run_read(struct pretend_uv_wire *wire)
{
    uv_buf_t buf = uv_buf_init(NULL, 0);
    if (!wire->is_reading || wire->is_closing || wire->connect != PRETEND_UV_CONNECTED ||
        !pretend_uv_is_readable(wire))
        return false;
    uv_stream_t *stream = (uv_stream_t *)wire->tcp;
    stream->alloc_cb((uv_handle_t *)stream, 65536, &buf);
    SIM_CHECK(buf.len == 0);
    stream->read_cb(stream, UV_ENOBUFS, &buf);
    if (pretend_uv.last_read.iov_len > 0)
        memset(pretend_uv.last_read.iov_base, 0xEE, pretend_uv.last_read.iov_len);
    pretend_uv.last_read.iov_len = 0;
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

static void cancel_requests(struct pretend_uv_wire *wire)
{
    uv_connect_t *connecting = wire->connecting;
    uv_write_t *writing = wire->writing;
    wire->connecting = NULL, wire->writing = NULL;
    if (connecting)
        connecting->cb(connecting, UV_ECANCELED);
    if (writing)
        writing->cb(writing, UV_ECANCELED);
}

static bool run_closing(void)
{
    uv_handle_t *handle = pretend_uv.closing;
    bool has_any = handle != NULL;
    pretend_uv.closing = NULL;
    while (handle) {
        uv_handle_t *next = handle->next_closing;
        struct pretend_uv_wire *wire = pretend_uv_wire_of(handle);
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

/* Nothing happens by it: it goes before every poll. */
static void run_prepare(void)
{
    uv_prepare_t *prepare = pretend_uv.before_poll;
    if (prepare)
        prepare->prepare_cb(prepare);
}

static bool run_check(void)
{
    uv_check_t *check = pretend_uv.after_poll;
    if (!check)
        return false;
    check->check_cb(check);
    return true;
}

/* True when something happened. */
static bool turn(void)
{
    bool has_any = false;
    for (unsigned i = 0; i < PRETEND_UV_HANDLE_MAX; i++)
        has_any |= run_timer(pretend_uv.timers[i]);
    for (unsigned i = 0; i < PRETEND_UV_HANDLE_MAX; i++)
        has_any |= run_async(pretend_uv.asyncs[i]);
    for (unsigned i = 0; i < PRETEND_UV_WORK_MAX; i++)
        has_any |= run_work(&pretend_uv.works[i]);
    run_prepare();
    uv_poll_t *listener = pretend_uv.listener;
    if (listener && listener->poll_cb && pretend_uv_waiting_client()) {
        listener->poll_cb(listener, 0, UV_READABLE);
        has_any = true;
    }
    list_for_each (node, &pretend_uv.wires) {
        struct pretend_uv_wire *wire = list_entry(node, struct pretend_uv_wire, node);
        has_any |= run_connect(wire);
        has_any |= run_read(wire);
        has_any |= run_write(wire);
    }
    has_any |= run_check();
    return run_closing() || has_any;
}

static bool has_work(void)
{
    for (unsigned i = 0; i < PRETEND_UV_WORK_MAX; i++)
        if (pretend_uv.works[i])
            return true;
    return false;
}

int uv_run(uv_loop_t *loop, uv_run_mode mode)
{
    SIM_CHECK(loop == pretend_uv.loop && mode == UV_RUN_DEFAULT);
    pretend_uv.is_pool_busy = false;
    while (pretend_uv.closing || has_work())
        turn();
    return 0;
}

void pretend_uv_settle(void)
{
    for (unsigned turns = 0; turn(); turns++)
        SIM_CHECK(turns < TURNS_MAX + 300000 / pretend_uv.segment_bytes);
}

void pretend_uv_pass(uint64_t ms)
{
    pretend_uv.loop->time += ms;
    pretend_uv_settle();
}
