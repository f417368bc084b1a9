#include "lb/front/h1_client.h"

#include <assert.h>
#include <stddef.h>

#include "lb/front/h1_handshake.h"
#include "lb/front/h1_preface.h"
#include "lb/front/h1_request.h"

static void on_deadline(struct deadline *deadline);

/* ---- birth and death ------------------------------------------------------------------------- */

static void on_stream_closed(void *owner)
{
    struct h1_client *client = owner;
    struct crowd *crowd = client->front.crowd;
    crowd->client_count--;
    crowd->closing_client_count--;
    peer_give_quota(&client->front.peer, &crowd->options);
    counter_add(&crowd->metrics->client_open_count, (uint64_t)-1);
    slab_give(&crowd->client_slab, client);
}

struct h1_client *h1_client_open(struct crowd *crowd, struct listener *listener,
                                 const struct front_handler *handler)
{
    struct h1_client *client = slab_take(&crowd->client_slab);
    memset(&client->deadline, 0, sizeof(*client) - offsetof(struct h1_client, deadline));
    client->front.crowd = crowd;
    client->front.handler = handler;
    client->state = H1_CLIENT_IDLE;
    deadline_init(&client->deadline, on_deadline);
    list_append(&crowd->idle_clients, &client->node);
    crowd->client_count++;
    counter_add(&crowd->metrics->client_accepted_count, 1);
    counter_add(&crowd->metrics->client_open_count, 1);
    if (stream_accept(&client->stream, crowd->loop, listener, &h1_client_stream_handler, client) <
        0) {
        h1_client_close(client);
        return NULL;
    }
    client->stream.read_max_bytes = H1_CLIENT_HEAD_READ_BYTES;
    h1_client_arm(client, crowd->options.idle_timeout_ms);
    return client;
}

static void on_stream_data(void *owner, struct view data)
{
    struct h1_client *client = owner;
    if (client->state < H1_CLIENT_LINGERING) {
        assert(!client->held);
        h1_request_pump(client, data);
    } else if (client->state == H1_CLIENT_PREFACED) {
        h1_preface_read(client, data);
    }
}

static void on_stream_spliced(void *owner)
{
    struct h1_client *client = owner;
    client->front.handler->on_spliced(client->front.exchange);
}

static void on_stream_eof(void *owner)
{
    struct h1_client *client = owner;
    client->has_eof = true;
    bool still_reads = client->state == H1_CLIENT_SERVING && client->front.is_request_complete;
    if (!still_reads && stream_waiting_bytes(&client->stream) == 0)
        h1_client_leave(client, ERR_CLIENT_GONE);
    else if (still_reads && client->front.exchange)
        client->front.handler->on_ended(client->front.exchange);
    /* it shut its sending side only (RFC 9112 § 9.6) */
}

static void on_stream_broken(void *owner, int status)
{
    (void)status;
    h1_client_leave(owner, ERR_CLIENT_GONE);
}

/* The answer has left, the connection is kept. */
static void await_request(struct h1_client *client)
{
    if (client->front.crowd->is_draining || (client->has_eof && !client->held)) {
        h1_client_say_goodbye(client, client->held || client->pumped);
        return;
    }
    h1_client_enter(client, H1_CLIENT_IDLE);
    client->stream.read_max_bytes = H1_CLIENT_HEAD_READ_BYTES;
    h1_client_drop_parser(client);
    h1_client_arm(client, h1_client_options(client)->idle_timeout_ms);
    if (!client->pumped && client->held)
        h1_request_pump_held(client);
}

static void on_stream_drained(void *owner)
{
    struct h1_client *client = owner;
    if (client->front.exchange)
        client->front.handler->on_drained(client->front.exchange);
    else if (stream_waiting_bytes(&client->stream) > 0)
        return;
    else if (client->state == H1_CLIENT_SERVING)
        await_request(client);
    else if (client->state == H1_CLIENT_LINGERING && client->has_eof && !client->ends_by_reset)
        h1_client_close(client);
    else if (client->state == H1_CLIENT_LINGERING)
        h1_client_arm(client, H1_CLIENT_LINGER_MS);
}

const struct stream_handler h1_client_stream_handler = {
    .on_connected = h1_handshake_over,
    .on_data = on_stream_data,
    .on_spliced = on_stream_spliced,
    .on_eof = on_stream_eof,
    .on_drained = on_stream_drained,
    .on_broken = on_stream_broken,
    .on_closed = on_stream_closed,
};

/* ---- deadlines ------------------------------------------------------------------------------- */

/* True while the peer takes bytes, however slowly. */
static bool takes_some(struct h1_client *client)
{
    size_t waiting = stream_unacknowledged_bytes(&client->stream);
    bool progress = waiting != client->watched_bytes;
    client->watched_bytes = waiting;
    return progress;
}

static void on_serving_deadline(struct h1_client *client)
{
    if (stream_waiting_bytes(&client->stream) > 0) {
        if (takes_some(client))
            h1_client_arm(client, h1_client_options(client)->body_timeout_ms);
        else
            h1_client_leave(client, ERR_CLIENT_STALLED);
    } else if (client->front.exchange && client->is_body_wanted &&
               !client->front.is_request_complete) {
        client->front.handler->on_bad_body(client->front.exchange, ERR_BODY_TIMEOUT);
    } else if (client->front.exchange && client->front.is_request_complete && client->held) {
        h1_client_arm(client, H1_CLIENT_LOOK_MS);
        if (stream_has_peer_ended(&client->stream))
            client->front.handler->on_ended(client->front.exchange);
    }
}

static void on_lingering_deadline(struct h1_client *client)
{
    size_t left = client->ends_by_reset ? stream_unacknowledged_bytes(&client->stream)
                                        : stream_waiting_bytes(&client->stream);
    if (left > 0 && takes_some(client))
        h1_client_arm(client, h1_client_options(client)->body_timeout_ms);
    else
        h1_client_cut_off(client);
}

static void on_deadline(struct deadline *deadline)
{
    struct h1_client *client = list_entry(deadline, struct h1_client, deadline);
    switch (client->state) {
    case H1_CLIENT_IDLE: /* its first request may be on its way */
        h1_client_say_goodbye(client, client->front.crowd->is_draining);
        break;
    case H1_CLIENT_PREFACED:
        h1_preface_give_up(client);
        break;
    case H1_CLIENT_READING_HEAD:
        h1_client_refuse(client, ERR_HEAD_TIMEOUT);
        break;
    case H1_CLIENT_SERVING:
        on_serving_deadline(client);
        break;
    case H1_CLIENT_LINGERING:
        on_lingering_deadline(client);
        break;
    case H1_CLIENT_QUEUED:
    case H1_CLIENT_SHAKING_HANDS:
        h1_handshake_on_deadline(client);
        break;
    case H1_CLIENT_LENT:
    case H1_CLIENT_CLOSING:
        break;
    }
}

static void finish(struct h1_client *client, bool persists)
{
    assert(client->state == H1_CLIENT_SERVING || client->state == H1_CLIENT_LENT);
    client->front.exchange = NULL;
    if (!persists || !client->front.is_request_complete)
        h1_client_say_goodbye(client,
                              !client->front.is_request_complete || client->held || client->pumped);
    else if (stream_waiting_bytes(&client->stream) == 0)
        await_request(client);
    /* else on_stream_drained goes on: unread answers must not pile up */
}

void front_finish(struct front *front)
{
    struct h1_client *client = h1_client_of(front);
    finish(client, client->answer.persists);
}

void front_break_off(struct front *front)
{
    struct h1_client *client = h1_client_of(front);
    if (client->answer.framing != FRAMING_CLOSE) {
        finish(client, false);
        return;
    }
    front->exchange = NULL;
    client->ends_by_reset = true;
    h1_client_linger(client);
}

void front_abort(struct front *front)
{
    struct h1_client *client = h1_client_of(front);
    stream_abort(&client->stream);
    h1_client_close(client);
}

void front_leave(struct front *front, enum err why)
{
    h1_client_leave(h1_client_of(front), why);
}
