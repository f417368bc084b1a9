#include "lb/front/h1_handshake.h"

#include "lb/net/stream_tls.h"

/* For what has come and was not read. */
#define LOOK_MS 100u

#define PLAIN_SENTENCE "This port speaks TLS: ask with https:// here.\n"
#define PLAIN_ANSWER                                                                               \
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"                      \
    "Content-Length: 46\r\nConnection: close\r\n\r\n" PLAIN_SENTENCE
_Static_assert(sizeof(PLAIN_SENTENCE) - 1 == 46, "its length stands in the answer");

/* ---- the beginning ---------------------------------------------------------------------------- */

static void start(struct h1_client *client, struct view early)
{
    struct crowd *crowd = client->front.crowd;
    h1_client_enter(client, H1_CLIENT_SHAKING_HANDS);
    crowd->shaking_count++;
    counter_add(&crowd->metrics->handshakes.running_count, 1);
    client->shaking_since_ms = loop_now_ms(crowd->loop);
    h1_client_arm(client, crowd->options.handshake_timeout_ms);
    int rc = stream_tls_accept(&client->stream, crowd->tls_server, early);
    if (rc < 0)
        h1_handshake_over(client, rc);
}

static void queue(struct h1_client *client, struct view early)
{
    struct crowd *crowd = client->front.crowd;
    stream_pause(&client->stream);
    if (early.len > 0) {
        client->held = block_take(&crowd->loop->blocks, early.len);
        block_append(client->held, early);
    }
    h1_client_enter(client, H1_CLIENT_QUEUED);
    counter_add(&crowd->metrics->handshakes.waiting_count, 1);
    h1_client_arm(client, H1_HANDSHAKE_PATIENCE_MS);
}

void h1_handshake_begin(struct h1_client *client, struct view early, enum err refusal)
{
    struct crowd *crowd = client->front.crowd;
    client->refusal = refusal;
    if (crowd->shaking_count < crowd->options.max_handshake_count &&
        list_is_empty(&crowd->queued_clients))
        start(client, early);
    else
        queue(client, early);
}

void h1_handshake_take_turns(struct loop_task *task)
{
    struct crowd *crowd = list_entry(task, struct crowd, handshake_turn);
    while (crowd->shaking_count < crowd->options.max_handshake_count &&
           !list_is_empty(&crowd->queued_clients)) {
        struct h1_client *client = list_entry(crowd->queued_clients.next, struct h1_client, node);
        struct block *held = client->held;
        client->held = NULL;
        start(client, held ? block_view(held) : view_of(NULL, 0));
        block_give(&crowd->loop->blocks, held);
    }
}

/* ---- the end ---------------------------------------------------------------------------------- */

void h1_handshake_fail(struct h1_client *client, enum handshake_end end)
{
    struct crowd *crowd = client->front.crowd;
    const char *why = handshakes_sentence(end);
    counter_add(&crowd->metrics->handshakes.ends[end], 1);
    if (end == HANDSHAKE_PLAIN_HTTP)
        stream_tls_say_plainly(&client->stream, VIEW(PLAIN_ANSWER));
    if (why[0] && crowd->on_failed_handshake)
        crowd->on_failed_handshake(why);
    h1_client_say_goodbye(client, false); /* behind the alert */
}

static void note(struct h1_client *client)
{
    struct handshakes *counts = &client->front.crowd->metrics->handshakes;
    const struct tls_session_facts *facts = tls_session_facts(client->front.tls);
    bool is_newest = view_eq(facts->protocol, VIEW("TLSv1.3"));
    counter_add(&counts->ends[facts->is_resumed ? HANDSHAKE_RESUMED : HANDSHAKE_FULL], 1);
    counter_add(&counts->versions[is_newest ? HANDSHAKE_TLS13 : HANDSHAKE_TLS12], 1);
}

static enum handshake_end end_of(const struct h1_client *client)
{
    static const enum handshake_end ends[] = {
        [TLS_FAILURE_NONE] = HANDSHAKE_OTHER,        [TLS_FAILURE_GONE] = HANDSHAKE_CLIENT_GONE,
        [TLS_FAILURE_NO_TLS] = HANDSHAKE_NO_TLS,     [TLS_FAILURE_HTTP] = HANDSHAKE_PLAIN_HTTP,
        [TLS_FAILURE_NAME] = HANDSHAKE_UNKNOWN_NAME, [TLS_FAILURE_VERSION] = HANDSHAKE_VERSION,
        [TLS_FAILURE_CIPHER] = HANDSHAKE_CIPHER,     [TLS_FAILURE_PROTOCOL] = HANDSHAKE_ALPN,
        [TLS_FAILURE_REFUSED] = HANDSHAKE_REFUSED,   [TLS_FAILURE_OTHER] = HANDSHAKE_OTHER,
    };
    const struct tls_session *session = stream_tls(&client->stream);
    return session ? ends[tls_session_failure(session)] : HANDSHAKE_OTHER;
}

/* While lb drains its first request may still come. */
static void let_in(struct h1_client *client)
{
    const struct crowd *crowd = client->front.crowd;
    unsigned most_ms = crowd->options.idle_timeout_ms;
    if (crowd->is_draining && (most_ms == 0 || most_ms > CROWD_FIRST_REQUEST_MS))
        most_ms = CROWD_FIRST_REQUEST_MS;
    h1_client_enter(client, H1_CLIENT_IDLE);
    client->front.tls = stream_tls(&client->stream);
    client->stream.read_max_bytes = H1_CLIENT_HEAD_READ_BYTES;
    h1_client_arm(client, most_ms);
    stream_resume(&client->stream);
}

void h1_handshake_over(void *owner, int status)
{
    struct h1_client *client = owner;
    if (status < 0) {
        h1_handshake_fail(client, end_of(client));
        return;
    }
    client->front.tls = stream_tls(&client->stream);
    note(client);
    if (tls_session_facts(client->front.tls)->is_challenge)
        h1_client_say_goodbye(client, false);
    else if (client->refusal)
        h1_client_refuse(client, client->refusal);
    else
        let_in(client);
}

/* ---- deadlines -------------------------------------------------------------------------------- */

/* Nothing has come of it that was not looked at, and it has had its time. */
static bool may_give_way(const struct h1_client *client)
{
    uint64_t now_ms = loop_now_ms(client->front.crowd->loop);
    return now_ms - client->shaking_since_ms >= H1_HANDSHAKE_PATIENCE_MS &&
           socket_look(client->stream.transport.fd) == SOCKET_QUIET;
}

static void ask_for_place(struct h1_client *client)
{
    struct crowd *crowd = client->front.crowd;
    h1_client_arm(client, H1_HANDSHAKE_PATIENCE_MS);
    if (list_is_empty(&crowd->shaking_clients))
        return;
    struct h1_client *longest = list_entry(crowd->shaking_clients.next, struct h1_client, node);
    if (may_give_way(longest))
        h1_handshake_fail(longest, HANDSHAKE_GAVE_WAY);
}

void h1_handshake_on_deadline(struct h1_client *client)
{
    if (client->state == H1_CLIENT_QUEUED)
        ask_for_place(client);
    else if (socket_look(client->stream.transport.fd) == SOCKET_SPEAKS)
        h1_client_arm(client, LOOK_MS); /* lb was late */
    else
        h1_handshake_fail(client, HANDSHAKE_TIMEOUT);
}
