#include "appserver/connection.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "appserver/reader.h"
#include "appserver/websocket.h"
#include "lb/base/address.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define SENDS_PER_TURN 16
#define TUNNEL_IDLE_MS 3600000
#define FRESH_WAIT_MS  250  /* when stopping, for the first request of a new connection */
#define LAST_WORDS_MS  1000 /* for the peer to read the last answer and close */

/* What the connection is about. The timer means something else in each stage. */
enum stage {
    STAGE_HEAD,       /* reads a head, or waits for one */
    STAGE_BODY,       /* reads a body */
    STAGE_ANSWER,     /* sends the answer */
    STAGE_PAUSE,      /* waits because the answer wants to */
    STAGE_TUNNEL,     /* echoes bytes, or the messages of a WebSocket */
    STAGE_LAST_WORDS, /* has sent its end and waits for the peer's */
    STAGE_CLOSED,
};

struct connection {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct list link;
    struct site *site;
    unsigned open_handles;

    enum stage stage;
    bool writing; /* bytes are on their way; nothing else is done meanwhile */
    bool reading; /* false while the input is full, and after the peer's end */
    bool peer_ended;
    bool served;     /* has answered before */
    bool in_request; /* between a request's first byte and its log line */
    bool keep;       /* stays open after the answer */
    unsigned sends_in_turn;

    struct reader reader;
    struct answer answer;
    struct websocket websocket;
    uint64_t begun_ns;
    char peer[ADDRESS_TEXT_BYTES];
};

static void run(struct connection *c);

/* ---- end ------------------------------------------------------------------------------------ */

static void write_log(struct connection *c)
{
    if (!c->in_request)
        return;
    c->in_request = false;
    metrics_count(&c->site->metrics, &c->answer);
    if (c->site->log.off)
        return;
    struct access_entry entry = {
        .method = c->reader.request.method,
        .target = c->reader.request.target,
        .trace_id = trace_id(&c->reader.request.trace),
        .peer = c->peer,
        .status = c->answer.begun ? c->answer.plan.status : 0,
        .body_bytes = c->answer.body_bytes,
        .duration_ns = clock_mono_ns() - c->begun_ns,
    };
    access_log_add(&c->site->log, &entry);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    if (--c->open_handles > 0)
        return;
    reader_fini(&c->reader);
    websocket_fini(&c->websocket);
    free(c);
}

static void close_now(struct connection *c)
{
    if (c->stage == STAGE_CLOSED)
        return;
    c->stage = STAGE_CLOSED;
    write_log(c);
    list_unlink(&c->link);
    c->site->connection_count--;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    (void)shutdown, (void)status; /* the peer's end or the timer closes */
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct connection *c, uint64_t ms)
{
    uv_timer_start(&c->timer, on_timer, ms, 0);
}

/* Closing with unread input would make the kernel send a reset, which can overtake the answer:
 * so the own end goes first, and input is thrown away until the peer's end (RFC 9112 § 9.6). */
static void begin_last_words(struct connection *c)
{
    c->stage = STAGE_LAST_WORDS;
    if (c->peer_ended || uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown) != 0)
        close_now(c);
    else
        set_timer(c, LAST_WORDS_MS);
}

/* ---- sending -------------------------------------------------------------------------------- */

static void on_written(uv_write_t *write, int status)
{
    struct connection *c = write->data;
    c->writing = false;
    if (status < 0)
        close_now(c);
    else
        run(c);
}

/* Sends the bytes, which must last until the next step; true when that was done at once. Every
 * so often it lets the loop do the sending, so that a fast reader does not keep it from others. */
static bool send_bytes(struct connection *c, uv_buf_t *bufs, unsigned count)
{
    uv_stream_t *stream = (uv_stream_t *)&c->tcp;
    int sent = 0;
    if (c->sends_in_turn++ < SENDS_PER_TURN) {
        sent = uv_try_write(stream, bufs, count);
        if (sent == UV_EAGAIN)
            sent = 0;
    }
    size_t left = sent > 0 ? (size_t)sent : 0;
    while (count > 0 && left >= bufs->len) {
        left -= bufs->len;
        bufs++;
        count--;
    }
    if (sent >= 0 && count == 0)
        return true;
    if (sent >= 0) {
        bufs->base += left;
        bufs->len -= left;
        sent = uv_write(&c->write, stream, bufs, count, on_written);
        c->writing = sent == 0;
    }
    if (sent < 0)
        close_now(c);
    return false;
}

/* ---- answering ------------------------------------------------------------------------------ */

/* Decided when the head is sent, because a stop may come while an answer waits. */
static enum answer_link choose_link(struct connection *c)
{
    bool http11 = c->reader.request.http11;
    if (c->site->stopping || answer_ends_by_close(&c->answer.plan, http11))
        c->keep = false;
    if (!c->keep)
        return ANSWER_LINK_CLOSE;
    return http11 ? ANSWER_LINK_SILENT : ANSWER_LINK_KEEP;
}

static bool begin_answer(struct connection *c)
{
    struct answer_plan *plan = &c->answer.plan;
    if (plan->kind == ANSWER_DROP) {
        close_now(c);
        return false;
    }
    struct text *text = &c->reader.body.text;
    if (plan->kind == ANSWER_UPLOAD)
        text_appendf(text, "received %llu bytes, adler32 %08x\n",
                     (unsigned long long)c->reader.body.count_bytes, body_adler32(&c->reader.body));
    else if (plan->kind == ANSWER_RAISE)
        exception_raise(&c->site->desk, &c->reader.request, text);
    else if (plan->kind == ANSWER_METRICS)
        metrics_write(&c->site->metrics, c->site->connection_count, text);
    if (plan->kind != ANSWER_TEXT)
        plan->text = text_view(text);
    answer_begin(&c->answer, c->reader.request.http11, c->reader.request.head_only);
    c->stage = STAGE_ANSWER;
    return true;
}

static bool refuse(struct connection *c, int status, const char *why)
{
    c->keep = false;
    c->answer.plan = (struct answer_plan){.kind = ANSWER_TEXT, .status = status, .why = why};
    return begin_answer(c);
}

static bool finish_answer(struct connection *c)
{
    if (c->answer.plan.kind == ANSWER_TUNNEL) {
        c->stage = STAGE_TUNNEL;
        return true;
    }
    write_log(c);
    c->served = true;
    if (!c->keep || c->site->stopping) {
        begin_last_words(c);
        return false;
    }
    c->stage = STAGE_HEAD;
    reader_end_request(&c->reader);
    return true;
}

static bool continue_answer(struct connection *c)
{
    uv_buf_t bufs[ANSWER_BUFS];
    unsigned count = 0;
    if (!c->answer.begun)
        c->answer.link = choose_link(c);
    switch (answer_next(&c->answer, bufs, &count)) {
    case ANSWER_SEND:
        return send_bytes(c, bufs, count);
    case ANSWER_WAIT:
        c->stage = STAGE_PAUSE;
        uv_update_time(c->site->loop);
        set_timer(c, c->answer.plan.pause_ms + 1); /* the loop's time is cut to milliseconds */
        return false;
    case ANSWER_DONE:
        break;
    }
    return finish_answer(c);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void begin_request(struct connection *c)
{
    c->in_request = true;
    c->answer.begun = false;
    c->answer.body_bytes = 0;
    if (!c->site->log.off)
        c->begun_ns = clock_mono_ns();
    set_timer(c, c->site->wait_ms); /* for the whole head: a byte now and then does not extend it */
}

static bool take_head(struct connection *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct request *request = &c->reader.request;
    c->keep = c->reader.keep_alive && c->site->keepalive_ms > 0;
    c->answer.plan = routes_find(&c->site->routes, request);
    enum answer_kind kind = c->answer.plan.kind;
    if (!reader_begin_body(&c->reader, kind == ANSWER_UPLOAD, kind == ANSWER_ECHO))
        return refuse(c, c->reader.status, c->reader.why);
    c->stage = STAGE_BODY;
    if (!request->expects_continue || !request->has_body || reader_has_input(&c->reader))
        return true;
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)go_on, sizeof(go_on) - 1);
    return send_bytes(c, &buf, 1);
}

static bool read_request(struct connection *c)
{
    if (!c->in_request && reader_has_input(&c->reader))
        begin_request(c);
    switch (reader_next(&c->reader)) {
    case READER_HEAD:
        return take_head(c);
    case READER_END:
        return begin_answer(c);
    case READER_REFUSED:
        return refuse(c, c->reader.status, c->reader.why);
    case READER_MORE:
        break;
    }
    if (c->peer_ended)
        close_now(c);
    return false;
}

static bool echo_input(struct connection *c)
{
    struct websocket *websocket = &c->websocket;
    if (websocket->is_over) { /* its close frame is sent */
        write_log(c);
        begin_last_words(c);
        return false;
    }
    struct view input = reader_take_raw(&c->reader);
    if (input.len == 0) {
        if (c->peer_ended)
            close_now(c);
        return false;
    }
    struct view output = input;
    if (c->answer.plan.websocket_key.len > 0) {
        text_clear(&websocket->output);
        websocket_take(websocket, input);
        output = text_view(&websocket->output);
        if (output.len == 0)
            return true;
    }
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)output.ptr, (unsigned)output.len);
    c->answer.body_bytes += output.len;
    return send_bytes(c, &buf, 1);
}

static bool discard_input(struct connection *c)
{
    reader_take_raw(&c->reader);
    reader_end_request(&c->reader);
    if (c->peer_ended)
        close_now(c);
    return false;
}

/* ---- the stages ----------------------------------------------------------------------------- */

/* One step; true when there may be another to do at once. */
static bool step(struct connection *c)
{
    switch (c->stage) {
    case STAGE_HEAD:
    case STAGE_BODY:
        return read_request(c);
    case STAGE_ANSWER:
        return continue_answer(c);
    case STAGE_TUNNEL:
        return echo_input(c);
    case STAGE_LAST_WORDS:
        return discard_input(c);
    case STAGE_PAUSE:
    case STAGE_CLOSED:
        break;
    }
    return false;
}

static void restart_timer(struct connection *c)
{
    bool idle = c->stage == STAGE_HEAD && reader_is_idle(&c->reader);
    if (idle && c->served)
        set_timer(c, c->site->keepalive_ms);
    else if (idle)
        set_timer(c, c->site->stopping ? FRESH_WAIT_MS : c->site->wait_ms);
    else if (c->stage == STAGE_BODY || c->stage == STAGE_ANSWER)
        set_timer(c, c->site->wait_ms);
    else if (c->stage == STAGE_TUNNEL)
        set_timer(c, TUNNEL_IDLE_MS);
}

static void provide_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct connection *c = handle->data;
    buf->base = reader_room(&c->reader, &buf->len);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    (void)buf;
    struct connection *c = stream->data;
    if (count == 0)
        return;
    if (count == UV_EOF) {
        c->peer_ended = true;
    } else if (count < 0) {
        close_now(c);
        return;
    } else {
        reader_add(&c->reader, (size_t)count);
    }
    run(c);
}

/* Reads while there is room: what does not fit waits in the kernel, and slows the peer down. */
static void pace_reading(struct connection *c)
{
    size_t room;
    reader_room(&c->reader, &room);
    bool wanted = !c->peer_ended && room > 0;
    if (wanted == c->reading)
        return;
    c->reading = wanted;
    if (!wanted)
        uv_read_stop((uv_stream_t *)&c->tcp);
    else if (uv_read_start((uv_stream_t *)&c->tcp, provide_room, on_read) != 0)
        close_now(c);
}

/* Does whatever can be done now. */
static void run(struct connection *c)
{
    c->sends_in_turn = 0;
    while (!c->writing && step(c)) {
    }
    if (c->stage != STAGE_CLOSED)
        restart_timer(c);
    if (c->stage != STAGE_CLOSED)
        pace_reading(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct connection *c = timer->data;
    bool late_request = (c->stage == STAGE_HEAD && c->in_request) || c->stage == STAGE_BODY;
    if (c->stage == STAGE_PAUSE)
        c->stage = STAGE_ANSWER;
    else if (late_request && !c->writing)
        refuse(c, 408, "the rest of the request did not come");
    else
        close_now(c);
    run(c);
}

/* ---- beginning and stopping ----------------------------------------------------------------- */

static struct connection *new_connection(struct site *site)
{
    struct connection *c = memory_new(sizeof(*c));
    c->site = site;
    c->open_handles = 2;
    c->write.data = c;
    reader_init(&c->reader);
    uv_tcp_init(site->loop, &c->tcp);
    uv_timer_init(site->loop, &c->timer);
    c->tcp.data = c;
    c->timer.data = c;
    list_append(&site->connections, &c->link);
    site->connection_count++;
    return c;
}

static void begin(struct connection *c, int opened)
{
    struct sockaddr_storage name;
    int name_bytes = sizeof(name);
    struct address peer;
    if (opened != 0 || c->site->connection_count > c->site->connection_max) {
        close_now(c);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    if (!c->site->log.off &&
        uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&name, &name_bytes) == 0 &&
        address_from_sockaddr((struct sockaddr *)&name, &peer))
        address_format(&peer, c->peer);
    run(c);
}

void connection_accept(struct site *site, uv_stream_t *listener)
{
    struct connection *c = new_connection(site);
    begin(c, uv_accept(listener, (uv_stream_t *)&c->tcp));
}

void connection_adopt(struct site *site, uv_os_sock_t fd)
{
    struct connection *c = new_connection(site);
    begin(c, uv_tcp_open(&c->tcp, fd));
}

static bool has_unread_bytes(const struct connection *c)
{
    uv_os_fd_t fd;
    char byte;
    return uv_fileno((const uv_handle_t *)&c->tcp, &fd) == 0 &&
           recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void connection_stop_all(struct site *site)
{
    list_for_each_safe (node, &site->connections) {
        struct connection *c = list_entry(node, struct connection, link);
        bool idle = c->stage == STAGE_HEAD && reader_is_idle(&c->reader);
        if (!idle || has_unread_bytes(c))
            continue;
        if (c->served)
            close_now(c);
        else
            restart_timer(c);
    }
}

unsigned connection_close_all(struct site *site)
{
    unsigned count = site->connection_count;
    list_for_each_safe (node, &site->connections)
        close_now(list_entry(node, struct connection, link));
    return count;
}
