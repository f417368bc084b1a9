/* The answer on its way to a client that speaks HTTP/1: what of front.h sends. */
#include "lb/front/h1_client_state.h"
#include "lb/http/forward.h"
#include "lb/http/framing.h"

static struct relay *relay_of(struct h1_client *client)
{
    return &client->front.crowd->to_client;
}

static void collect_head(struct h1_client *client, const struct head *head,
                         const struct forward_response *options)
{
    struct block *block = block_take(&h1_client_loop(client)->blocks, forward_response_bound(head));
    forward_response(head, options, block);
    client->answer.head = block;
    relay_head(relay_of(client), block_view(block));
}

static void drop_collected(struct h1_client *client)
{
    relay_reset(relay_of(client));
    block_give(&h1_client_loop(client)->blocks, client->answer.head);
    client->answer.head = NULL;
}

void front_forget(struct front *front)
{
    drop_collected(h1_client_of(front));
}

/* Where bytes begin to wait, their deadline begins. */
static enum stream_written note_written(struct h1_client *client, bool waited,
                                        enum stream_written written)
{
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL)) {
        client->watched_bytes = stream_unacknowledged_bytes(&client->stream);
        h1_client_arm(client, h1_client_options(client)->body_timeout_ms);
    }
    return written;
}

static enum stream_written write_pieces(struct h1_client *client, const struct iovec *pieces,
                                        unsigned count)
{
    bool waited = stream_waiting_bytes(&client->stream) > 0;
    return note_written(client, waited, stream_write(&client->stream, pieces, count));
}

bool front_takes_splice(const struct front *front)
{
    return stream_takes_splice(&list_entry((uintptr_t)front, struct h1_client, front)->stream);
}

enum stream_written front_send_splice(struct front *front, struct splice *splice, size_t *count)
{
    struct h1_client *client = h1_client_of(front);
    bool waited = stream_waiting_bytes(&client->stream) > 0;
    return note_written(client, waited, stream_write_splice(&client->stream, splice, count));
}

static enum stream_written flush(struct h1_client *client)
{
    struct relay *relay = relay_of(client);
    unsigned count = relay_pieces(relay);
    if (count == 0)
        return STREAM_WRITTEN;
    enum stream_written written = write_pieces(client, relay->pieces, count);
    drop_collected(client);
    return written;
}

enum stream_written front_flush(struct front *front)
{
    return flush(h1_client_of(front));
}

static enum stream_written send_early(struct h1_client *client, const struct head *head,
                                      struct view lines)
{
    collect_head(client, head, &(struct forward_response){.connection = FORWARD_PERSISTS});
    if (lines.len > 0)
        front_edit_head(&client->front, &(struct head_edit){.lines = lines});
    return flush(client);
}

enum stream_written front_send_interim(struct front *front, const struct head *head)
{
    struct h1_client *client = h1_client_of(front);
    if (client->answer.is_to_http10)
        return STREAM_WRITTEN; /* RFC 9110 § 15.2 */
    enum stream_written written = send_early(client, head, VIEW(""));
    if (written != STREAM_BROKEN && !front->is_request_complete)
        h1_client_arm(client, h1_client_options(client)->body_timeout_ms); /* it sends only now */
    return written;
}

enum stream_written front_send_switch(struct front *front, const struct head *head,
                                      struct view lines)
{
    return send_early(h1_client_of(front), head, lines);
}

void front_edit_head(struct front *front, const struct head_edit *edit)
{
    struct h1_client *client = h1_client_of(front);
    struct block_pool *blocks = &h1_client_loop(client)->blocks;
    struct block *before = client->answer.head;
    struct block *head = block_take(blocks, before->len + edit->lines.len);
    head_edit_write(edit, block_view(before), head);
    block_give(blocks, before);
    client->answer.head = head;
    relay_head(relay_of(client), block_view(head));
}

void front_shut(struct front *front)
{
    stream_shut_write(&h1_client_of(front)->stream);
}

/* The connection may serve another request after this one. An answer that comes before the
 * request's end mostly ends before it, too: then the rest of the body is not read, and a next
 * request would find no one. */
static bool may_persist(const struct h1_client *client)
{
    unsigned max = h1_client_options(client)->max_request_count;
    return client->answer.wants_keep_alive && client->front.is_request_complete &&
           !client->front.crowd->is_leaving && (max == 0 || client->request_count < max);
}

static void frame(struct h1_client *client, const struct head *head)
{
    struct h1_answer *answer = &client->answer;
    answer->framing = framing_to_client(head, answer->is_to_http10);
    answer->persists = answer->framing != FRAMING_CLOSE && may_persist(client);
}

static enum forward_connection connection_of(const struct h1_answer *answer)
{
    if (!answer->persists)
        return FORWARD_CLOSE;
    return answer->is_to_http10 ? FORWARD_KEEP_ALIVE : FORWARD_PERSISTS;
}

void front_send_head(struct front *front, const struct head *head)
{
    struct h1_client *client = h1_client_of(front);
    frame(client, head);
    collect_head(client, head,
                 &(struct forward_response){.is_chunked = client->answer.framing == FRAMING_CHUNKED,
                                            .date = crowd_date(front->crowd),
                                            .connection = connection_of(&client->answer)});
}

enum stream_written front_send_body(struct front *front, struct view piece)
{
    struct h1_client *client = h1_client_of(front);
    bool is_chunked = client->answer.framing == FRAMING_CHUNKED;
    if (relay_body(relay_of(client), piece, is_chunked))
        return STREAM_WRITTEN;
    enum stream_written written = flush(client);
    relay_body(relay_of(client), piece, is_chunked);
    return written;
}

void front_send_end(struct front *front, struct view trailers)
{
    struct h1_client *client = h1_client_of(front);
    relay_end(relay_of(client), client->answer.framing == FRAMING_CHUNKED, trailers);
    if (!client->answer.persists)
        stream_expect_end(&client->stream);
}

enum stream_written front_send_answer(struct front *front, struct answer_error *answer)
{
    struct h1_client *client = h1_client_of(front);
    struct block_pool *blocks = &h1_client_loop(client)->blocks;
    client->answer.persists = !client->answer.is_to_http10 && may_persist(client);
    answer->date = crowd_date(front->crowd);
    answer->closes = !client->answer.persists;
    struct block *block = block_take(blocks, answer_error_bound(answer));
    answer_error(answer, block);
    struct iovec piece = {.iov_base = block->bytes, .iov_len = block->len};
    enum stream_written written = write_pieces(client, &piece, 1);
    block_give(blocks, block);
    return written;
}
