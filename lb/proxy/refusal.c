#include "lb/proxy/refusal.h"

#include "lb/http/forward.h"

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

void refusal_bad_request(struct client *client, enum err err)
{
    struct record record = {.end = err, .status = (unsigned)err_status(err)};
    char id[FORWARD_MADE_ID_BYTES];
    struct refusal refusal = {.err = err, .request_id = view_of(id, sizeof(id)), .closes = true};
    forward_make_request_id(&client->env->rng, id);
    metrics_observe(&client->env->metrics, &record);
    if (client->env->on_record)
        client->env->on_record(client->env->record_owner, &record);
    if (refusal_write(client, &refusal) == STREAM_BROKEN)
        client_abort(client);
    else
        client_finish(client, false);
}
