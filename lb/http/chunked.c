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

/* From the line on with the byte that the scanner did not take; a body before it, which may be
 * long, is no part of the line. */
static struct view line_of_flaw(const struct scanner *scanner, struct view input, size_t at)
{
    struct view span = scanner->span;
    size_t body_end = span.len > 0 ? (size_t)(span.ptr - input.ptr) + span.len : 0;
    return view_line_of(view_skip(input, body_end), input.ptr + at);
}

/* One run of the scanner; it stops at the end of each chunk and of the message. */
static enum err run(struct chunked *chunked, struct scanner *scanner, uint32_t max_overhead,
                    struct view *input)
{
    size_t used;
    if (scanner_chunks(scanner, *input, &used) == SCANNER_FAILED) {
        *input = line_of_flaw(scanner, *input, used);
        return ERR_CHUNK;
    }
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
    /* llhttp takes a lone LF for the end of the trailer section */
    if (scanner->is_complete && chunked->last_bytes[0] != '\r')
        return ERR_CHUNK;
    *input = view_skip(*input, used);
    return ERR_OK;
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
    if (size_len > 0 && run(chunked, scanner, max_overhead, &size))
        return ERR_CHUNK; /* in the size, where the input begins */
    chunked->overhead += (uint32_t)left_out;
    if (chunked->overhead > max_overhead)
        return ERR_CHUNK;
    *input = view_skip(*input, size_len + left_out);
    return input->len == 0 ? ERR_OK : run(chunked, scanner, max_overhead, input);
}

enum err chunked_read(struct chunked *chunked, struct scanner *scanner, uint32_t max_overhead,
                      struct view *input, struct view *span)
{
    *span = view_of(NULL, 0);
    if (!input->ptr)
        *input = VIEW(""); /* llhttp takes NULL for: no piece of body is being read */
    /* Run on nothing, llhttp would forget a piece of body that is being read; stopped, it has none
     * and goes on to what it stopped at. */
    struct view last = *input; /* that a run was given and that is not empty */
    while (input->len > 0 || scanner_is_stopped(scanner)) {
        last = input->len > 0 ? *input : last;
        enum err err = run_without_extension(chunked, scanner, max_overhead, input);
        if (err && input->len == 0)
            *input = last; /* what it ended with was no end */
        *span = scanner->span;
        if (err || span->len > 0 || scanner->is_complete)
            return err;
    }
    return ERR_OK;
}
