#include "lb/http/chunked.h"

void chunked_begin(struct chunked *chunked, struct scanner *scanner)
{
    scanner_begin_chunks(scanner);
    chunk_line_reset(&chunked->line);
    chunked->overhead = 0;
}

/* Each chunk may have a line of some bytes, and each byte of body two: what is more than that adds
 * up, and its sum is limited. */
static void make_up_for(struct chunked *chunked, size_t bytes)
{
    chunked->overhead -= chunked->overhead < bytes ? chunked->overhead : (uint32_t)bytes;
}

static void note_last_bytes(struct chunked *chunked, struct view bytes)
{
    if (bytes.len > 0) {
        chunked->last_bytes[0] = bytes.len > 1 ? bytes.ptr[bytes.len - 2] : chunked->last_bytes[1];
        chunked->last_bytes[1] = bytes.ptr[bytes.len - 1];
    }
}

/* One run of the scanner; it stops at the end of each chunk and of the message. */
static enum err run(struct chunked *chunked, struct scanner *scanner, uint32_t max_overhead,
                    struct view *input)
{
    size_t used;
    if (scanner_chunks(scanner, *input, &used) == SCANNER_FAILED)
        return ERR_CHUNK;
    struct view span = scanner->span;
    size_t before = span.len > 0 ? (size_t)(span.ptr - input->ptr) : used;
    chunked->overhead += (uint32_t)before;
    if (chunked->overhead > max_overhead)
        return ERR_CHUNK;
    if (scanner->is_at_chunk)
        chunk_line_reset(&chunked->line);
    if (scanner->is_chunk_begun)
        make_up_for(chunked, CHUNK_LINE_ALLOWANCE);
    if (span.len > 0) {
        make_up_for(chunked, 2 * span.len);
        chunked->overhead += (uint32_t)(used - before - span.len);
    }
    note_last_bytes(chunked, view_of(input->ptr, used));
    *input = view_skip(*input, used);
    /* llhttp takes a lone LF for the end of the trailer section */
    return scanner->is_complete && chunked->last_bytes[0] != '\r' ? ERR_CHUNK : ERR_OK;
}

/* The same, without the chunk extension, of which llhttp takes not every kind. */
static enum err run_without_extension(struct chunked *chunked, struct scanner *scanner,
                                      uint32_t max_overhead, struct view *input)
{
    size_t size_len, left_out;
    if (!chunk_line_read(&chunked->line, *input, &size_len, &left_out))
        return ERR_CHUNK;
    if (left_out == 0)
        return run(chunked, scanner, max_overhead, input);
    struct view size = view_of(input->ptr, size_len);
    enum err err = size_len > 0 ? run(chunked, scanner, max_overhead, &size) : ERR_OK;
    chunked->overhead += (uint32_t)left_out;
    *input = view_skip(*input, size_len + left_out);
    if (!err && chunked->overhead > max_overhead)
        err = ERR_CHUNK;
    return err || input->len == 0 ? err : run(chunked, scanner, max_overhead, input);
}

enum err chunked_read(struct chunked *chunked, struct scanner *scanner, uint32_t max_overhead,
                      struct view *input, struct view *span)
{
    *span = view_of(NULL, 0);
    if (!input->ptr)
        *input = VIEW(""); /* llhttp takes NULL for: no piece of body is being read */
    /* Run on nothing, llhttp would forget a piece of body that is being read; stopped, it has none
     * and goes on to what it stopped at. */
    while (input->len > 0 || scanner_is_stopped(scanner)) {
        struct view before = *input;
        enum err err = run_without_extension(chunked, scanner, max_overhead, input);
        if (err)
            *input = before;
        *span = scanner->span;
        if (err || span->len > 0 || scanner->is_complete)
            return err;
    }
    return ERR_OK;
}
