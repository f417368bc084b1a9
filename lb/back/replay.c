#include "lb/back/replay.h"

void replay_init(struct replay *replay, struct block_pool *blocks)
{
    *replay = (struct replay){.blocks = blocks, .is_complete = true};
}

void replay_note(struct replay *replay, const struct iovec *pieces, unsigned count)
{
    size_t more = 0;
    for (unsigned i = 0; i < count; i++)
        more += pieces[i].iov_len;
    if (!replay->is_complete || more == 0)
        return;
    size_t portion = block_pool_portion(replay->blocks); /* one that is small tells of many */
    size_t most = portion < REPLAY_TIGHT_BYTES ? portion : REPLAY_BYTES_MAX;
    if (replay->body.len + more > most) {
        replay_forget(replay);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        block_queue_append(replay->blocks, &replay->body,
                           view_of(pieces[i].iov_base, pieces[i].iov_len));
}

void replay_forget(struct replay *replay)
{
    replay->is_complete = false;
    block_queue_clear(replay->blocks, &replay->body);
}
