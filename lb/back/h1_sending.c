/* The request on its way to a backend that speaks HTTP/1: what of back.h sends. */
#include <assert.h>

#include "lb/back/h1_stage.h"

void back_request_init(struct back_request *request, struct fleet *fleet, const struct head *head,
                       const struct forward_request *options, struct forwarded *forwarded)
{
    struct block_pool *blocks = &fleet->loop->blocks;
    request->is_to_head = head_is_method(head, VIEW("HEAD"));
    request->is_chunked = head->framing == FRAMING_CHUNKED;
    replay_init(&request->kept, blocks);
    request->wants_upgrade = head->wants_upgrade;
    request->head = block_take(blocks, forward_request_bound(head, options));
    forward_request(head, options, request->head, forwarded);
}

void back_request_fini(struct back_request *request, struct fleet *fleet)
{
    block_give(&fleet->loop->blocks, request->head);
    replay_forget(&request->kept);
    relay_reset(&fleet->to_upstream);
}

static void begin(struct h1_upstream *upstream, bool is_head_request)
{
    assert(upstream->state == H1_UPSTREAM_SENDING);
    upstream->answers_head_request = is_head_request;
    upstream->is_persistent = false;
    upstream->back.is_request_sent = false;
    upstream->has_response_begun = false;
    upstream->back.is_unaccepted = false;
    upstream->back.pressure = (struct pressure){0};
    upstream->earlier_bytes += upstream->sent_bytes;
    upstream->sent_bytes = 0;
}

/* Where bytes begin to wait, their deadline begins. */
static enum stream_written note_written(struct h1_upstream *upstream, bool waited,
                                        enum stream_written written)
{
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL))
        patience_send(upstream);
    return written;
}

static inline enum stream_written write_pieces(struct h1_upstream *upstream,
                                               const struct iovec *pieces, unsigned count)
{
    bool waited = stream_waiting_bytes(&upstream->stream) > 0;
    for (unsigned i = 0; i < count; i++)
        upstream->sent_bytes += pieces[i].iov_len;
    return note_written(upstream, waited, stream_write(&upstream->stream, pieces, count));
}

bool back_takes_splice(const struct back *back)
{
    return stream_takes_splice(&list_entry((uintptr_t)back, struct h1_upstream, back)->stream);
}

enum stream_written back_send_splice(struct back *back, struct splice *splice, size_t *count)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    bool waited = stream_waiting_bytes(&upstream->stream) > 0;
    enum stream_written written = stream_write_splice(&upstream->stream, splice, count);
    upstream->sent_bytes += *count;
    return note_written(upstream, waited, written);
}

void back_end_request(struct back *back)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    upstream->back.is_request_sent = true;
    if (upstream->state != H1_UPSTREAM_SENDING)
        return;
    h1_stage_enter(upstream, H1_UPSTREAM_AWAITING_HEAD);
}

static enum stream_written put(struct h1_upstream *upstream, struct back_request *request,
                               const struct iovec *pieces, unsigned count)
{
    enum stream_written written = write_pieces(upstream, pieces, count);
    request->was_sent |= written != STREAM_BROKEN;
    return written;
}

static enum stream_written worse(enum stream_written a, enum stream_written b)
{
    return a > b ? a : b;
}

/* One request a connection; an upgrade says something else of it. */
static bool is_to_close(const struct back *back, const struct back_request *request)
{
    return !atomic_load_explicit(&back->endpoint->is_kept_alive, memory_order_relaxed) &&
           !request->wants_upgrade;
}

/* The line that ends a head, and what stands there instead. */
static const struct view last_line = {"\r\n", 2};
static const struct view closing_end = {"Connection: close\r\n\r\n", 21};

static void put_piece(struct h1_upstream *upstream, struct back_request *request, struct view bytes,
                      enum stream_written *written)
{
    const struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
    *written = worse(*written, put(upstream, request, &piece, 1));
}

/* All that was sent in a try before this one. */
static enum stream_written send_again(struct back *back, struct back_request *request)
    __attribute__((cold, noinline));

static enum stream_written send_again(struct back *back, struct back_request *request)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    struct view head = block_view(request->head);
    enum stream_written written = STREAM_WRITTEN;
    bool closes = is_to_close(back, request);
    put_piece(upstream, request, view_of(head.ptr, head.len - (closes ? last_line.len : 0)),
              &written);
    if (closes)
        put_piece(upstream, request, closing_end, &written);
    for (struct block *block = request->kept.body.first; block; block = block->next)
        put_piece(upstream, request, block_view(block), &written);
    request->is_head_sent = true;
    return written;
}

enum stream_written back_send_begin(struct back *back, struct back_request *request)
{
    begin(h1_upstream_of(back), request->is_to_head);
    return request->kept.body.len == 0 ? STREAM_WRITTEN : send_again(back, request);
}

enum stream_written back_flush(struct back *back, struct back_request *request)
{
    struct relay *relay = &back->fleet->to_upstream;
    enum stream_written written = STREAM_WRITTEN;
    unsigned head_count = !request->is_head_sent;
    if (head_count > 0)
        relay_head(relay, block_view(request->head));
    unsigned count = relay_pieces(relay);
    if (head_count > 0 && is_to_close(back, request)) {
        count = relay_end_head(relay, count, last_line.len, closing_end);
        head_count = 2;
    }
    if (count > 0) {
        written = put(h1_upstream_of(back), request, relay->pieces, count);
        replay_note(&request->kept, relay->pieces + head_count, count - head_count);
        request->is_head_sent = true;
    }
    relay_reset(relay);
    return written;
}

enum stream_written back_send_body(struct back *back, struct back_request *request,
                                   struct view piece)
{
    struct relay *relay = &back->fleet->to_upstream;
    if (relay_body(relay, piece, request->is_chunked))
        return STREAM_WRITTEN;
    enum stream_written written = back_flush(back, request);
    relay_body(relay, piece, request->is_chunked);
    return written;
}

void back_send_end(struct fleet *fleet, struct back_request *request, struct view trailers)
{
    relay_end(&fleet->to_upstream, request->is_chunked, trailers);
}
