/* A body in chunks (RFC 9112 § 7.1). How many bytes of chunk lines and trailers come for how much
 * body is limited. */
#ifndef LB_HTTP_CHUNKED_H
#define LB_HTTP_CHUNKED_H

#include "lb/http/chunk_line.h"
#include "lb/http/scanner.h"

struct chunked {
    struct chunk_line line;
    uint32_t overhead;  /* bytes of chunk lines and trailers for which there is no body */
    char last_bytes[2]; /* framing and trailers included */
};

/* Behind the head that `scanner` has read. */
void chunked_begin(struct chunked *chunked, struct scanner *scanner);

/* Takes bytes from the front of `*input` until there is a piece of body, which is `*span` then; or
 * the body is over, which scanner->is_complete tells; or the input is used up.
 * Fails: ERR_CHUNK; the input then begins with the line that is wrong, as far as it is in this
 * input: of a chunk, of what should end one, or of a trailer. */
enum err chunked_read(struct chunked *chunked, struct scanner *scanner, uint32_t max_overhead,
                      struct view *input, struct view *span);

#endif
