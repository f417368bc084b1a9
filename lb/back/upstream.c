#include "lb/back/upstream.h"

#include <assert.h>
#include <stddef.h>

#include "lb/back/complaint.h"
#include "lb/back/patience.h"
#include "lb/back/trust.h"
#include "lb/http/parsers.h"
#include "lb/policy/idle_limit.h"

/* Idle for longer than this: looked at before it is used. */
#define FRESH_MS 100u

/* libuv asks for so many events at once, and where there are as many again in the same turn. */
#define POLL_EVENTS_MAX 1024u

/* Descriptors of a loop beside connections, at most. */
#define OTHER_DESCRIPTORS 64u

static const struct stream_handler stream_handler;
static void on_deadline(struct deadline *deadline);

/* The one place where the state changes, and with it what it waits for. */
static inline void enter(struct upstream *upstream, enum upstream_state state)
{
    if (state == UPSTREAM_CLOSING) /* a lent stream comes back */
        stream_hand_over(&upstream->stream, &stream_handler, upstream);
    upstream->state = state;
    patience_begin(upstream, state);
}

/* ---- birth and death ------------------------------------------------------------------------ */

struct upstream *upstream_open(struct fleet *fleet, struct service_local *service,
                               struct endpoint *endpoint, const struct upstream_handler *handler,
                               void *owner, int *status)
{
    struct upstream *upstream = slab_take(&fleet->upstream_slab);
    memset(&upstream->deadline, 0, sizeof(*upstream) - offsetof(struct upstream, deadline));
    upstream->fleet = fleet;
    upstream->endpoint = endpoint_ref(endpoint);
    upstream->service = service_use_again(service);
    upstream->handler = handler;
    upstream->owner = owner;
    list_init(&upstream->node);
    deadline_init(&upstream->deadline, on_deadline);
    fleet->upstream_count++;
    counter_add(&fleet->metrics->upstream_connect_count, 1);
    counter_add(&service->traffic.connect_count, 1);
    counter_add(&service->traffic.open_count, 1);
    *status = stream_connect(&upstream->stream, fleet->loop, &endpoint->address, &stream_handler,
                             upstream);
    if (*status < 0) {
        upstream_close(upstream);
        return NULL;
    }
    enter(upstream, UPSTREAM_CONNECTING);
    return upstream;
}

void upstream_close(struct upstream *upstream)
{
    if (upstream->state == UPSTREAM_CLOSING)
        return;
    enter(upstream, UPSTREAM_CLOSING);
    parsers_drop(upstream->fleet->parsers, &upstream->parser);
    block_give(&upstream->fleet->loop->blocks, upstream->unread);
    stream_close(&upstream->stream);
}

static void on_stream_closed(void *owner)
{
    struct upstream *upstream = owner;
    upstream->fleet->upstream_count--;
    counter_add(&upstream->service->traffic.open_count, (uint64_t)-1);
    service_release(upstream->service);
    endpoint_unref(upstream->endpoint);
    slab_give(&upstream->fleet->upstream_slab, upstream);
}

static void fail(struct upstream *upstream, enum err err)
{
    pressure_end(&upstream->pressure, loop_now_ms(upstream->fleet->loop));
    upstream_close(upstream);
    upstream->handler->on_failed(upstream->owner, err);
}

static void on_stream_connected(void *owner, int status)
{
    struct upstream *upstream = owner;
    if (status < 0) {
        fail(upstream, stream_is_timeout(status) ? ERR_CONNECT_TIMEOUT : ERR_REFUSED);
        return;
    }
    enter(upstream, UPSTREAM_SENDING);
    stream_watch_peer(&upstream->stream);
    stream_resume(&upstream->stream);
    upstream->handler->on_ready(upstream->owner);
}

/* ---- sending -------------------------------------------------------------------------------- */

void upstream_begin(struct upstream *upstream, bool is_head_request)
{
    assert(upstream->state == UPSTREAM_SENDING);
    upstream->answers_head_request = is_head_request;
    upstream->is_persistent = false;
    upstream->is_request_sent = false;
    upstream->has_response_begun = false;
    upstream->is_unaccepted = false;
    upstream->pressure = (struct pressure){0};
    upstream->earlier_bytes += upstream->sent_bytes;
    upstream->sent_bytes = 0;
}

/* Where bytes begin to wait, their deadline begins. */
static enum stream_written note_written(struct upstream *upstream, bool waited,
                                        enum stream_written written)
{
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL))
        patience_send(upstream);
    return written;
}

enum stream_written upstream_write(struct upstream *upstream, const struct iovec *pieces,
                                   unsigned count)
{
    bool waited = stream_waiting_bytes(&upstream->stream) > 0;
    for (unsigned i = 0; i < count; i++)
        upstream->sent_bytes += pieces[i].iov_len;
    return note_written(upstream, waited, stream_write(&upstream->stream, pieces, count));
}

enum stream_written upstream_write_splice(struct upstream *upstream, struct splice *splice,
                                          size_t *count)
{
    bool waited = stream_waiting_bytes(&upstream->stream) > 0;
    enum stream_written written = stream_write_splice(&upstream->stream, splice, count);
    upstream->sent_bytes += *count;
    return note_written(upstream, waited, written);
}

void upstream_end_request(struct upstream *upstream)
{
    upstream->is_request_sent = true;
    if (upstream->state != UPSTREAM_SENDING)
        return;
    enter(upstream, UPSTREAM_AWAITING_HEAD);
}

static void on_stream_drained(void *owner)
{
    struct upstream *upstream = owner;
    if (upstream->state != UPSTREAM_IDLE)
        upstream->handler->on_drained(upstream->owner);
}

/* ---- receiving ------------------------------------------------------------------------------ */

/* The backend says how long it keeps idle connections; 0: not at all. */
static void note_idle_limit(struct upstream *upstream, const struct head *head)
{
    const struct field *field = head_find(head, FIELD_KEEP_ALIVE);
    atomic_uint *known_ms = &upstream->endpoint->idle_limit_ms;
    unsigned limit_ms;
    if (!field || !idle_limit_parse(head_field_value(head, field), &limit_ms))
        return;
    if (limit_ms == 0)
        upstream->is_persistent = false;
    else if (atomic_load_explicit(known_ms, memory_order_relaxed) != limit_ms)
        atomic_store_explicit(known_ms, limit_ms, memory_order_relaxed);
}

static void start_response(struct upstream *upstream)
{
    upstream->parser = parsers_take(upstream->fleet->parsers, &upstream->fleet->response_setup);
    upstream->parser->answers_head_request = upstream->answers_head_request;
}

/* Nothing behind it is HTTP. */
static void switch_over(struct upstream *upstream, struct view rest)
{
    enter(upstream, UPSTREAM_SWITCHED);
    stream_pause(&upstream->stream);
    if (rest.len > 0) {
        upstream->unread = block_take(&upstream->fleet->loop->blocks, rest.len);
        block_append(upstream->unread, rest);
    }
    upstream->handler->on_switched(upstream->owner, &upstream->parser->head);
}

/* Another head follows. */
static void receive_interim(struct upstream *upstream)
{
    upstream->handler->on_response(upstream->owner, &upstream->parser->head);
    if (upstream->state == UPSTREAM_CLOSING)
        return;
    parser_reset(upstream->parser);
    upstream->parser->answers_head_request = upstream->answers_head_request;
}

/* `here_bytes` of the answer are at hand behind its head. */
static void receive_final(struct upstream *upstream, size_t here_bytes)
{
    const struct head *head = &upstream->parser->head;
    enter(upstream, UPSTREAM_RECEIVING);
    upstream->is_persistent = head->is_keep_alive;
    note_idle_limit(upstream, head);
    if (head->framing != FRAMING_LENGTH || head->content_length > here_bytes)
        upstream->is_stream = patience_is_for_stream(head);
    upstream->handler->on_response(upstream->owner, head);
}

/* Gives whether the response goes on behind its head, of which `rest` is here. */
static bool receive_head(struct upstream *upstream, struct view rest)
{
    unsigned status = upstream->parser->head.status;
    upstream->has_response_begun = true;
    if (status >= 200)
        receive_final(upstream, rest.len);
    else if (status != 101)
        receive_interim(upstream);
    else
        switch_over(upstream, rest);
    return status != 101;
}

/* Bytes that nobody had asked for. */
static void note_unasked(struct upstream *upstream, struct view bytes)
{
    complaint_make(upstream->fleet, upstream->endpoint, COMPLAINT_UNASKED, bytes);
    upstream->is_persistent = false;
    trust_lose(upstream->fleet, upstream->endpoint);
}

/* Nothing waits to be read, neither an end nor bytes, which would be unasked. */
static bool is_quiet(struct upstream *upstream)
{
    enum socket_look look = stream_look(&upstream->stream);
    if (look == SOCKET_SPEAKS)
        note_unasked(upstream, VIEW(""));
    return look == SOCKET_QUIET;
}

/* The last call for this response: the owner may give the upstream to another exchange. */
static void end_response(struct upstream *upstream)
{
    upstream->handler->on_response_end(upstream->owner, parser_trailers(upstream->parser));
}

/* Uses up `input`. Ends early when the owner closed the upstream or the response is complete. */
static void pump(struct upstream *upstream, struct view input)
{
    struct view piece;
    while (upstream->state != UPSTREAM_CLOSING) {
        switch (parser_step(upstream->parser, &input, &piece)) {
        case PARSER_MORE:
            if (upstream->state == UPSTREAM_RECEIVING)
                patience_body(upstream);
            upstream->handler->on_flush(upstream->owner);
            return;
        case PARSER_HEAD:
            if (!receive_head(upstream, input))
                return;
            break;
        case PARSER_BODY:
            upstream->handler->on_body(upstream->owner, piece);
            break;
        case PARSER_END:
            if (input.len > 0)
                note_unasked(upstream, input);
            end_response(upstream);
            return;
        case PARSER_ERROR:
            complaint_make(upstream->fleet, upstream->endpoint, complaint_of(upstream->parser),
                           upstream->parser->flaw_at);
            fail(upstream, upstream->parser->err);
            return;
        }
    }
}

static void on_stream_spliced(void *owner)
{
    struct upstream *upstream = owner;
    upstream->handler->on_spliced(upstream->owner);
}

struct splice *upstream_splice(struct upstream *upstream)
{
    uint64_t left = parser_bulk_bytes(upstream->parser);
    return left < SPLICE_WORTH_BYTES ? NULL : stream_splice(&upstream->stream, left);
}

void upstream_skip(struct upstream *upstream, size_t len)
{
    parser_skip(upstream->parser, len);
    pump(upstream, view_of(NULL, 0));
}

static void on_stream_data(void *owner, struct view data)
{
    struct upstream *upstream = owner;
    if (upstream->state == UPSTREAM_IDLE) {
        if (upstream_idle_ms(upstream) <= FRESH_MS) /* else it may say why it closes */
            note_unasked(upstream, data);
        fail(upstream, ERR_UPSTREAM_INVALID);
        return;
    }
    if (upstream->unasked_turn == upstream->fleet->loop->turn) {
        note_unasked(upstream, data);
        fail(upstream, ERR_UPSTREAM_RESET); /* it came before the request was sent */
        return;
    }
    if (!upstream->parser)
        start_response(upstream);
    pump(upstream, data);
}

/* Its FIN is here and its acknowledgement of anything of the request is not: it had closed before
 * the request came, so any method may be sent again, however much of it the kernel still took
 * before the reset that answered it. A reset alone does not prove that. */
static bool is_unaccepted(const struct upstream *upstream, bool is_reset)
{
    return !is_reset && upstream->sent_bytes > 0 &&
           stream_unacknowledged_bytes(&upstream->stream) > 0 &&
           stream_acknowledged_bytes(&upstream->stream) <= upstream->earlier_bytes + 1;
}

/* The stream ended, or failed where `is_reset`. */
static void on_end(struct upstream *upstream, bool is_reset)
{
    if (upstream->state == UPSTREAM_SWITCHED) {
        fail(upstream, ERR_UPSTREAM_TRUNCATED);
        return;
    }
    enum parser_phase phase = upstream->parser ? upstream->parser->phase : PARSER_AT_START;
    if (upstream->state == UPSTREAM_IDLE || phase == PARSER_AT_END) {
        fail(upstream, ERR_UPSTREAM_RESET);
        return;
    }
    upstream->is_persistent = false;
    if (phase == PARSER_IN_START_LINE || phase == PARSER_IN_FIELDS)
        complaint_make(upstream->fleet, upstream->endpoint, COMPLAINT_HEAD_CUT,
                       text_view(&upstream->parser->stash));
    bool is_untouched = phase == PARSER_AT_START && !upstream->has_response_begun;
    if (is_untouched) {
        upstream->is_unaccepted = is_unaccepted(upstream, is_reset);
        fail(upstream, ERR_UPSTREAM_RESET);
    } else if (!is_reset && parser_finish(upstream->parser) == PARSER_END) {
        end_response(upstream);
    } else {
        fail(upstream, ERR_UPSTREAM_TRUNCATED);
    }
}

static void on_stream_eof(void *owner)
{
    on_end(owner, false);
}

static void on_stream_broken(void *owner, int status)
{
    (void)status;
    on_end(owner, true);
}

static const struct stream_handler stream_handler = {
    .on_connected = on_stream_connected,
    .on_data = on_stream_data,
    .on_spliced = on_stream_spliced,
    .on_eof = on_stream_eof,
    .on_drained = on_stream_drained,
    .on_broken = on_stream_broken,
    .on_closed = on_stream_closed,
};

struct stream *upstream_lend(struct upstream *upstream, struct block **unread)
{
    assert(upstream->state == UPSTREAM_SWITCHED);
    enter(upstream, UPSTREAM_LENT);
    parsers_drop(upstream->fleet->parsers, &upstream->parser);
    *unread = upstream->unread;
    upstream->unread = NULL;
    return &upstream->stream;
}

size_t upstream_waiting_bytes(const struct upstream *upstream)
{
    return stream_waiting_bytes(&upstream->stream);
}

void upstream_pause(struct upstream *upstream)
{
    pressure_begin(&upstream->pressure, loop_now_ms(upstream->fleet->loop));
    stream_pause(&upstream->stream);
}

void upstream_resume(struct upstream *upstream)
{
    if (upstream->state == UPSTREAM_SWITCHED)
        return; /* what follows is for who gets the stream */
    pressure_end(&upstream->pressure, loop_now_ms(upstream->fleet->loop));
    stream_resume(&upstream->stream);
    if (upstream->state == UPSTREAM_RECEIVING)
        patience_body(upstream);
}

bool upstream_is_reusable(struct upstream *upstream)
{
    return upstream->is_persistent && upstream->is_request_sent &&
           stream_waiting_bytes(&upstream->stream) == 0 &&
           (stream_has_read_all(&upstream->stream) || is_quiet(upstream));
}

void upstream_idle(struct upstream *upstream, const struct upstream_handler *handler, void *owner)
{
    parsers_drop(upstream->fleet->parsers, &upstream->parser);
    enter(upstream, UPSTREAM_IDLE);
    upstream->handler = handler;
    upstream->owner = owner;
    upstream->waits_since_ms = loop_now_ms(upstream->fleet->loop);
    upstream->idle_turn = upstream->fleet->loop->turn;
    stream_resume(&upstream->stream);
}

unsigned upstream_idle_ms(const struct upstream *upstream)
{
    return (unsigned)(loop_now_ms(upstream->fleet->loop) - upstream->waits_since_ms);
}

/* One look of the loop is one turn, unless it has more sockets than it asks for at once. */
static bool has_loop_looked(const struct upstream *upstream)
{
    const struct loop *loop = upstream->fleet->loop;
    return upstream->idle_turn != loop->turn && upstream_idle_ms(upstream) <= FRESH_MS &&
           loop->stream_count + OTHER_DESCRIPTORS < POLL_EVENTS_MAX;
}

bool upstream_is_clean(struct upstream *upstream)
{
    bool has_looked = has_loop_looked(upstream);
    upstream->unasked_turn = has_looked ? upstream->fleet->loop->turn : 0;
    return has_looked || is_quiet(upstream);
}

void upstream_wake(struct upstream *upstream, const struct upstream_handler *handler, void *owner)
{
    assert(upstream->state == UPSTREAM_IDLE);
    enter(upstream, UPSTREAM_SENDING);
    upstream->handler = handler;
    upstream->owner = owner;
    upstream->is_reused = true;
}

static void on_deadline(struct deadline *deadline)
{
    struct upstream *upstream = list_entry(deadline, struct upstream, deadline);
    enum err err = patience_judge(upstream);
    if (err)
        fail(upstream, err);
}
