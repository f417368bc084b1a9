#include "lb/front/client.h"

#include <assert.h>
#include <stddef.h>

#include "lb/http/parsers.h"

#define LINGER_MS 1000u
#define LOOK_MS   1000u /* between looks at whether one has left whose bytes are not read */

static const struct stream_handler stream_handler;
static void on_deadline(struct deadline *deadline);

static void arm(struct client *client, unsigned delay_ms)
{
    deadline_arm_if(&client->crowd->loop->deadlines, &client->deadline, delay_ms);
}

/* The one place where the state changes: the lists of idle and busy clients go with it, and a lent
 * stream comes back. */
static void enter(struct client *client, enum client_state state)
{
    bool was_idle = client->state == CLIENT_IDLE;
    if (client->state == CLIENT_LENT)
        stream_hand_over(&client->stream, &stream_handler, client);
    client->state = state;
    if (state == CLIENT_CLOSING) {
        list_unlink(&client->node);
    } else if ((state == CLIENT_IDLE) != was_idle) {
        list_unlink(&client->node);
        list_append(state == CLIENT_IDLE ? &client->crowd->idle_clients
                                         : &client->crowd->busy_clients,
                    &client->node);
    }
}

/* ---- birth and death ------------------------------------------------------------------------- */

static void drop_held(struct client *client)
{
    block_give(&client->crowd->loop->blocks, client->held);
    client->held = NULL;
}

void client_close(struct client *client)
{
    if (client->state == CLIENT_CLOSING)
        return;
    client->crowd->closing_client_count++;
    enter(client, CLIENT_CLOSING);
    client->exchange = NULL;
    deadline_disarm(&client->deadline);
    parsers_drop(client->crowd->parsers, &client->parser);
    drop_held(client);
    stream_close(&client->stream);
}

static void on_stream_closed(void *owner)
{
    struct client *client = owner;
    struct crowd *crowd = client->crowd;
    crowd->client_count--;
    crowd->closing_client_count--;
    peer_give_quota(&client->peer, &crowd->options);
    counter_add(&crowd->metrics->client_open_count, (uint64_t)-1);
    slab_give(&crowd->client_slab, client);
}

void client_refuse(struct client *client, enum err err)
{
    enter(client, CLIENT_SERVING);
    client->is_request_complete = false;
    client->handler->on_bad_request(client, err);
}

struct client *client_open(struct crowd *crowd, struct listener *listener,
                           const struct client_handler *handler)
{
    struct client *client = slab_take(&crowd->client_slab);
    memset(&client->deadline, 0, sizeof(*client) - offsetof(struct client, deadline));
    client->crowd = crowd;
    client->handler = handler;
    client->state = CLIENT_IDLE;
    deadline_init(&client->deadline, on_deadline);
    list_append(&crowd->idle_clients, &client->node);
    crowd->client_count++;
    counter_add(&crowd->metrics->client_accepted_count, 1);
    counter_add(&crowd->metrics->client_open_count, 1);
    if (stream_accept(&client->stream, crowd->loop, listener, &stream_handler, client) < 0) {
        client_close(client);
        return NULL;
    }
    client->stream.read_max_bytes = CLIENT_HEAD_READ_BYTES;
    arm(client, crowd->options.idle_timeout_ms);
    return client;
}

/* Closes; by a reset where the client could take a part of an answer for the whole. */
static void cut_off(struct client *client)
{
    if (client->exchange || client->ends_by_reset || stream_waiting_bytes(&client->stream) > 0)
        stream_abort(&client->stream);
    client_close(client);
}

void client_leave(struct client *client, enum err why)
{
    void *exchange = client->exchange;
    const struct client_handler *handler = client->handler;
    cut_off(client);
    if (exchange)
        handler->on_gone(exchange, why);
}

void client_linger(struct client *client)
{
    enter(client, CLIENT_LINGERING);
    parsers_drop(client->crowd->parsers, &client->parser);
    drop_held(client);
    if (!client->ends_by_reset)
        stream_shut_write(&client->stream);
    if (!client->has_eof)
        stream_resume(&client->stream);
    arm(client, stream_waiting_bytes(&client->stream) > 0 ? client->crowd->options.body_timeout_ms
                                                          : LINGER_MS);
}

/* Closes as soon as nothing is lost by it. */
static void say_goodbye(struct client *client, bool has_unread)
{
    if (stream_waiting_bytes(&client->stream) > 0 || (has_unread && !client->has_eof))
        client_linger(client);
    else
        client_close(client);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void start_request(struct client *client)
{
    client->parser = parsers_take(client->crowd->parsers, &client->crowd->request_setup);
    enter(client, CLIENT_READING_HEAD);
}

static void serve(struct client *client)
{
    enter(client, CLIENT_SERVING);
    client->is_request_complete = client->parser->phase == PARSER_AT_END;
    client->is_body_wanted = false;
    client->stream.read_max_bytes = CLIENT_IDLE_READ_BYTES;
    client->request_count++;
    client->handler->on_request(client, &client->parser->head);
}

static bool may_step(const struct client *client, struct view input)
{
    switch (client->state) {
    case CLIENT_IDLE:
    case CLIENT_READING_HEAD:
        return input.len > 0;
    case CLIENT_SERVING:
        return client->exchange && client->is_body_wanted && !client->is_request_complete;
    default:
        return false;
    }
}

/* One event of the parser. False: it wants more bytes. */
static bool step(struct client *client, struct view *input)
{
    struct view piece;
    if (client->state == CLIENT_IDLE)
        start_request(client);
    switch (parser_step(client->parser, input, &piece)) {
    case PARSER_MORE:
        return false;
    case PARSER_HEAD:
        serve(client);
        break;
    case PARSER_BODY:
        client->handler->on_body(client->exchange, piece);
        break;
    case PARSER_END:
        client->is_request_complete = true;
        client->handler->on_request_end(client->exchange, parser_trailers(client->parser));
        break;
    case PARSER_ERROR:
        if (client->state == CLIENT_SERVING)
            client->handler->on_bad_body(client->exchange, client->parser->err);
        else
            client_refuse(client, client->parser->err);
        break;
    }
    return true;
}

/* Keeps what could not be used and stops reading: this is how pressure goes back to the sender. An
 * end behind it is not told then, and has to be asked for. */
static void hold(struct client *client, struct view rest)
{
    struct block *held = block_take(&client->crowd->loop->blocks, rest.len);
    block_append(held, rest);
    drop_held(client); /* where `rest` may lie */
    client->held = held;
    stream_pause(&client->stream);
    if (client->exchange && client->is_request_complete)
        arm(client, LOOK_MS);
}

static void set_deadline_after_reading(struct client *client, enum client_state before)
{
    if (client->state == CLIENT_READING_HEAD && before != CLIENT_READING_HEAD)
        arm(client, client->crowd->options.head_timeout_ms);
    else if (client->state == CLIENT_SERVING && may_step(client, view_of(NULL, 0)))
        arm(client, client->crowd->options.body_timeout_ms);
}

/* Uses `input` as far as it can be used now and holds the rest. What was collected from it is
 * flushed before the bytes go. */
static void pump(struct client *client, struct view input)
{
    enum client_state before = client->state;
    assert(!client->pumped);
    client->pumped = &input;
    do {
        while (may_step(client, input) && step(client, &input))
            ;
        if (client->exchange)
            client->handler->on_flush(client->exchange);
    } while (input.len > 0 && may_step(client, input));
    client->pumped = NULL;
    if (client->state == CLIENT_LENT) {
        parsers_drop(client->crowd->parsers, &client->parser);
        drop_held(client);
    }
    if (client->state >= CLIENT_LENT)
        return;
    if (client->state == CLIENT_SERVING && client->is_request_complete)
        parsers_drop(client->crowd->parsers, &client->parser); /* the next request finds it warm */
    if (input.len > 0) {
        hold(client, input);
    } else {
        drop_held(client);
        stream_resume(&client->stream);
    }
    set_deadline_after_reading(client, before);
    if (client->state == CLIENT_IDLE && client->has_eof)
        say_goodbye(client, false);
}

static void pump_held(struct client *client)
{
    pump(client, client->held ? block_view(client->held) : view_of(NULL, 0));
}

static void on_stream_data(void *owner, struct view data)
{
    struct client *client = owner;
    if (client->state == CLIENT_LINGERING)
        return;
    assert(!client->held);
    pump(client, data);
}

static void on_stream_spliced(void *owner)
{
    struct client *client = owner;
    client->handler->on_spliced(client->exchange);
}

static void on_stream_eof(void *owner)
{
    struct client *client = owner;
    client->has_eof = true;
    bool still_reads = client->state == CLIENT_SERVING && client->is_request_complete;
    if (!still_reads && stream_waiting_bytes(&client->stream) == 0)
        client_leave(client, ERR_CLIENT_GONE);
    else if (still_reads && client->exchange)
        client->handler->on_ended(client->exchange);
    /* it shut its sending side only (RFC 9112 § 9.6) */
}

static void on_stream_broken(void *owner, int status)
{
    (void)status;
    client_leave(owner, ERR_CLIENT_GONE);
}

/* The answer has left, the connection is kept. */
static void await_request(struct client *client)
{
    if (client->crowd->is_draining || (client->has_eof && !client->held)) {
        say_goodbye(client, client->held || client->pumped);
        return;
    }
    enter(client, CLIENT_IDLE);
    client->stream.read_max_bytes = CLIENT_HEAD_READ_BYTES;
    parsers_drop(client->crowd->parsers, &client->parser);
    arm(client, client->crowd->options.idle_timeout_ms);
    if (!client->pumped && client->held)
        pump_held(client);
}

static void on_stream_drained(void *owner)
{
    struct client *client = owner;
    if (client->exchange)
        client->handler->on_drained(client->exchange);
    else if (stream_waiting_bytes(&client->stream) > 0)
        return;
    else if (client->state == CLIENT_SERVING)
        await_request(client);
    else if (client->state == CLIENT_LINGERING && client->has_eof && !client->ends_by_reset)
        client_close(client);
    else if (client->state == CLIENT_LINGERING)
        arm(client, LINGER_MS);
}

static const struct stream_handler stream_handler = {
    .on_data = on_stream_data,
    .on_spliced = on_stream_spliced,
    .on_eof = on_stream_eof,
    .on_drained = on_stream_drained,
    .on_broken = on_stream_broken,
    .on_closed = on_stream_closed,
};

/* ---- deadlines ------------------------------------------------------------------------------- */

/* True while the peer takes bytes, however slowly. */
static bool takes_some(struct client *client)
{
    size_t waiting = stream_unacknowledged_bytes(&client->stream);
    bool progress = waiting != client->watched_bytes;
    client->watched_bytes = waiting;
    return progress;
}

static void on_serving_deadline(struct client *client)
{
    if (stream_waiting_bytes(&client->stream) > 0) {
        if (takes_some(client))
            arm(client, client->crowd->options.body_timeout_ms);
        else
            client_leave(client, ERR_CLIENT_STALLED);
    } else if (client->exchange && client->is_body_wanted && !client->is_request_complete) {
        client->handler->on_bad_body(client->exchange, ERR_BODY_TIMEOUT);
    } else if (client->exchange && client->is_request_complete && client->held) {
        arm(client, LOOK_MS);
        if (client_has_left(client))
            client->handler->on_ended(client->exchange);
    }
}

static void on_lingering_deadline(struct client *client)
{
    size_t left = client->ends_by_reset ? stream_unacknowledged_bytes(&client->stream)
                                        : stream_waiting_bytes(&client->stream);
    if (left > 0 && takes_some(client))
        arm(client, client->crowd->options.body_timeout_ms);
    else
        cut_off(client);
}

static void on_deadline(struct deadline *deadline)
{
    struct client *client = list_entry(deadline, struct client, deadline);
    switch (client->state) {
    case CLIENT_IDLE: /* its first request may be on its way */
        say_goodbye(client, client->crowd->is_draining);
        break;
    case CLIENT_READING_HEAD:
        client_refuse(client, ERR_HEAD_TIMEOUT);
        break;
    case CLIENT_SERVING:
        on_serving_deadline(client);
        break;
    case CLIENT_LINGERING:
        on_lingering_deadline(client);
        break;
    case CLIENT_LENT:
    case CLIENT_CLOSING:
        break;
    }
}

/* ---- what the exchange does ------------------------------------------------------------------ */

void client_take_body(struct client *client)
{
    client->is_body_wanted = true;
    client->stream.read_max_bytes =
        client->is_request_complete ? CLIENT_IDLE_READ_BYTES : LOOP_READ_BYTES;
    if (!client->pumped)
        pump_held(client);
}

void client_pause_body(struct client *client)
{
    client->is_body_wanted = false;
    if (!client->is_request_complete)
        stream_pause(&client->stream);
}

struct splice *client_splice(struct client *client)
{
    uint64_t left = parser_bulk_bytes(client->parser);
    if (left < SPLICE_WORTH_BYTES || !client->is_body_wanted || client->held)
        return NULL;
    return stream_splice(&client->stream, left);
}

/* Where bytes begin to wait, their deadline begins. */
static enum stream_written note_written(struct client *client, bool waited,
                                        enum stream_written written)
{
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL)) {
        client->watched_bytes = stream_unacknowledged_bytes(&client->stream);
        arm(client, client->crowd->options.body_timeout_ms);
    }
    return written;
}

enum stream_written client_write(struct client *client, const struct iovec *pieces, unsigned count)
{
    bool waited = stream_waiting_bytes(&client->stream) > 0;
    return note_written(client, waited, stream_write(&client->stream, pieces, count));
}

enum stream_written client_write_splice(struct client *client, struct splice *splice, size_t *count)
{
    bool waited = stream_waiting_bytes(&client->stream) > 0;
    return note_written(client, waited, stream_write_splice(&client->stream, splice, count));
}

void client_touch(struct client *client)
{
    arm(client, client->crowd->options.body_timeout_ms);
}

/* What is being used at this moment may lie in `held`, which goes when it is not any more. */
static struct block *take_unread(struct client *client)
{
    struct block *unread = NULL;
    if (!client->pumped) {
        unread = client->held;
        client->held = NULL;
    } else if (client->pumped->len > 0) {
        unread = block_take(&client->crowd->loop->blocks, client->pumped->len);
        block_append(unread, *client->pumped);
        *client->pumped = view_of(NULL, 0);
    }
    return unread;
}

struct stream *client_lend(struct client *client, struct block **unread)
{
    assert(client->state == CLIENT_SERVING && client->is_request_complete);
    *unread = take_unread(client);
    enter(client, CLIENT_LENT);
    deadline_disarm(&client->deadline);
    if (!client->pumped)
        parsers_drop(client->crowd->parsers, &client->parser);
    return &client->stream;
}

void client_finish(struct client *client, bool persists)
{
    assert(client->state == CLIENT_SERVING || client->state == CLIENT_LENT);
    client->exchange = NULL;
    if (!persists || !client->is_request_complete)
        say_goodbye(client, !client->is_request_complete || client->held || client->pumped);
    else if (stream_waiting_bytes(&client->stream) == 0)
        await_request(client);
    /* else on_stream_drained goes on: unread answers must not pile up */
}

void client_abort(struct client *client)
{
    stream_abort(&client->stream);
    client_close(client);
}
