#include "lb/http/relay.h"

#include <string.h>

void relay_reset(struct relay *relay)
{
    relay->head = view_of(NULL, 0);
    relay->is_chunked = false;
    relay->is_ended = false;
    relay->body_count = 0;
    relay->body_bytes = 0;
}

void relay_head(struct relay *relay, struct view head)
{
    relay->head = head;
}

static struct iovec iovec_of(struct view view)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)view.ptr, .iov_len = view.len};
}

bool relay_body(struct relay *relay, struct view piece, bool is_chunked)
{
    if (relay->body_count == RELAY_PIECES_MAX)
        return false;
    relay->is_chunked = is_chunked;
    relay->body[relay->body_count++] = iovec_of(piece);
    relay->body_bytes += piece.len;
    return true;
}

void relay_end(struct relay *relay, bool is_chunked, struct view trailers)
{
    relay->trailers = trailers;
    relay->is_chunked = is_chunked;
    relay->is_ended = true;
}

/* "1f4\r\n" (RFC 9112 § 7.1), written from the right end of the buffer. */
static struct view write_chunk_line(struct relay *relay)
{
    static const char digits[] = "0123456789abcdef";
    char *at = relay->chunk_line + sizeof(relay->chunk_line);
    *--at = '\n';
    *--at = '\r';
    for (size_t rest = relay->body_bytes; rest > 0; rest >>= 4)
        *--at = digits[rest & 15];
    return view_of(at, (size_t)(relay->chunk_line + sizeof(relay->chunk_line) - at));
}

unsigned relay_pieces(struct relay *relay)
{
    struct iovec *pieces = relay->pieces;
    unsigned count = 0;
    bool has_chunk = relay->is_chunked && relay->body_bytes > 0;
    if (relay->head.len > 0)
        pieces[count++] = iovec_of(relay->head);
    if (has_chunk)
        pieces[count++] = iovec_of(write_chunk_line(relay));
    for (unsigned i = 0; i < relay->body_count; i++)
        pieces[count++] = relay->body[i];
    if (has_chunk)
        pieces[count++] = iovec_of(VIEW("\r\n"));
    if (relay->is_chunked && relay->is_ended && relay->trailers.len == 0) {
        pieces[count++] = iovec_of(VIEW("0\r\n\r\n"));
    } else if (relay->is_chunked && relay->is_ended) {
        pieces[count++] = iovec_of(VIEW("0\r\n"));
        pieces[count++] = iovec_of(relay->trailers);
        pieces[count++] = iovec_of(VIEW("\r\n"));
    }
    return count;
}

unsigned relay_end_head(struct relay *relay, unsigned count, size_t cut_bytes, struct view end)
{
    struct iovec *head = relay->pieces;
    memmove(head + 2, head + 1, (count - 1) * sizeof(*head));
    head[0].iov_len -= cut_bytes;
    head[1] = iovec_of(end);
    return count + 1;
}
