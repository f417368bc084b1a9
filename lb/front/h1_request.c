#include "lb/front/h1_request.h"

#include <assert.h>

static void start_request(struct h1_client *client)
{
    client->parser =
        parsers_take(client->front.crowd->parsers, &client->front.crowd->request_setup);
    h1_client_enter(client, H1_CLIENT_READING_HEAD);
}

static void serve(struct h1_client *client)
{
    const struct head *head = &client->parser->head;
    h1_client_enter(client, H1_CLIENT_SERVING);
    client->front.is_request_complete = client->parser->phase == PARSER_AT_END;
    client->is_body_wanted = false;
    client->stream.read_max_bytes = H1_CLIENT_IDLE_READ_BYTES;
    client->request_count++;
    client->answer = (struct h1_answer){.framing = FRAMING_CLOSE,
                                        .is_to_http10 = head->minor_version == 0,
                                        .wants_keep_alive = head->is_keep_alive};
    client->front.handler->on_request(&client->front, head);
}

static bool may_step(const struct h1_client *client, struct view input)
{
    switch (client->state) {
    case H1_CLIENT_IDLE:
    case H1_CLIENT_READING_HEAD:
        return input.len > 0;
    case H1_CLIENT_SERVING:
        return client->front.exchange && client->is_body_wanted &&
               !client->front.is_request_complete;
    default:
        return false;
    }
}

/* One event of the parser. False: it wants more bytes. */
static bool step(struct h1_client *client, struct view *input)
{
    struct view piece;
    if (client->state == H1_CLIENT_IDLE)
        start_request(client);
    switch (parser_step(client->parser, input, &piece)) {
    case PARSER_MORE:
        return false;
    case PARSER_HEAD:
        serve(client);
        break;
    case PARSER_BODY:
        client->front.handler->on_body(client->front.exchange, piece);
        break;
    case PARSER_END:
        client->front.is_request_complete = true;
        client->front.handler->on_request_end(client->front.exchange,
                                              parser_trailers(client->parser));
        break;
    case PARSER_ERROR:
        if (client->state == H1_CLIENT_SERVING)
            client->front.handler->on_bad_body(client->front.exchange, client->parser->err);
        else
            h1_client_refuse(client, client->parser->err);
        break;
    }
    return true;
}

/* Keeps what could not be used and stops reading: this is how pressure goes back to the sender. An
 * end behind it is not told then, and has to be asked for. */
static void hold(struct h1_client *client, struct view rest)
{
    struct block *held = block_take(&h1_client_loop(client)->blocks, rest.len);
    block_append(held, rest);
    h1_client_drop_held(client); /* where `rest` may lie */
    client->held = held;
    stream_pause(&client->stream);
    if (client->front.exchange && client->front.is_request_complete)
        h1_client_arm(client, H1_CLIENT_LOOK_MS);
}

static void set_deadline_after_reading(struct h1_client *client, enum h1_client_state before)
{
    if (client->state == H1_CLIENT_READING_HEAD && before != H1_CLIENT_READING_HEAD)
        h1_client_arm(client, h1_client_options(client)->head_timeout_ms);
    else if (client->state == H1_CLIENT_SERVING && may_step(client, view_of(NULL, 0)))
        h1_client_arm(client, h1_client_options(client)->body_timeout_ms);
}

void h1_request_pump(struct h1_client *client, struct view input)
{
    enum h1_client_state before = client->state;
    assert(!client->pumped);
    client->pumped = &input;
    do {
        while (may_step(client, input) && step(client, &input))
            ;
        if (client->front.exchange)
            client->front.handler->on_flush(client->front.exchange);
    } while (input.len > 0 && may_step(client, input));
    client->pumped = NULL;
    if (client->state == H1_CLIENT_LENT) {
        h1_client_drop_parser(client);
        h1_client_drop_held(client);
    }
    if (client->state >= H1_CLIENT_LENT)
        return;
    if (client->state == H1_CLIENT_SERVING && client->front.is_request_complete)
        h1_client_drop_parser(client); /* the next request finds it warm */
    if (input.len > 0) {
        hold(client, input);
    } else {
        h1_client_drop_held(client);
        stream_resume(&client->stream);
    }
    set_deadline_after_reading(client, before);
    if (client->state == H1_CLIENT_IDLE && client->has_eof)
        h1_client_say_goodbye(client, false);
}

void h1_request_pump_held(struct h1_client *client)
{
    h1_request_pump(client, client->held ? block_view(client->held) : view_of(NULL, 0));
}

/* ---- what the exchange does ------------------------------------------------------------------ */

void front_take_body(struct front *front)
{
    struct h1_client *client = h1_client_of(front);
    client->is_body_wanted = true;
    client->stream.read_max_bytes =
        client->front.is_request_complete ? H1_CLIENT_IDLE_READ_BYTES : LOOP_READ_BYTES;
    if (!client->pumped)
        h1_request_pump_held(client);
}

void front_pause_body(struct front *front)
{
    struct h1_client *client = h1_client_of(front);
    client->is_body_wanted = false;
    if (!client->front.is_request_complete)
        stream_pause(&client->stream);
}

struct splice *front_splice(struct front *front)
{
    struct h1_client *client = h1_client_of(front);
    uint64_t left = parser_bulk_bytes(client->parser);
    if (left < SPLICE_WORTH_BYTES || !client->is_body_wanted || client->held)
        return NULL;
    return stream_splice(&client->stream, left);
}

void front_unsplice(struct front *front)
{
    stream_unsplice(&h1_client_of(front)->stream);
}

void front_skip(struct front *front, size_t len)
{
    parser_skip(h1_client_of(front)->parser, len);
}

bool front_has_left(struct front *front)
{
    return stream_has_peer_ended(&h1_client_of(front)->stream);
}

/* What is being used at this moment may lie in `held`, which goes when it is not any more. */
static struct block *take_unread(struct h1_client *client)
{
    struct block *unread = NULL;
    if (!client->pumped) {
        unread = client->held;
        client->held = NULL;
    } else if (client->pumped->len > 0) {
        unread = block_take(&h1_client_loop(client)->blocks, client->pumped->len);
        block_append(unread, *client->pumped);
        *client->pumped = view_of(NULL, 0);
    }
    return unread;
}

struct stream *front_lend(struct front *front, struct block **unread)
{
    struct h1_client *client = h1_client_of(front);
    assert(client->state == H1_CLIENT_SERVING && client->front.is_request_complete);
    *unread = take_unread(client);
    h1_client_enter(client, H1_CLIENT_LENT);
    deadline_disarm(&client->deadline);
    if (!client->pumped)
        h1_client_drop_parser(client);
    return &client->stream;
}
