#include "lb/proxy/refusal.h"

#define RETRY_AFTER_S 1u

enum stream_written refusal_write(struct client *client, const struct refusal *refusal)
{
    struct block_pool *blocks = &client->env->loop->blocks;
    struct block *block = block_take(blocks, ANSWER_ERROR_BYTES);
    answer_error(&(struct answer_error){.err = refusal->err,
                                        .request_id = refusal->request_id,
                                        .is_to_head = refusal->is_to_head,
                                        .closes = refusal->closes,
                                        .retry_after_s =
                                            err_status(refusal->err) == 503 ? RETRY_AFTER_S : 0},
                 block);
    struct iovec piece = {.iov_base = block->bytes, .iov_len = block->len};
    enum stream_written written = client_write(client, &piece, 1);
    block_give(blocks, block);
    return written;
}
