#include "lb/proxy/refusal.h"

#include "lb/http/forward.h"
#include "lb/http/via.h"
#include "lb/proxy/report.h"

#define RETRY_AFTER_S 1u

enum err refusal_find(const struct env *env, const struct head *head)
{
    if (via_has_loop(head, env->options.instance))
        return ERR_LOOP;
    if (head->has_max_forwards && head->max_forwards == 0)
        return head_is_method(head, VIEW("TRACE")) ? ERR_METHOD : ERR_LAST_HOP;
    if (env->options.max_body_bytes > 0 && head->content_length > env->options.max_body_bytes)
        return ERR_BODY_TOO_LARGE;
    return ERR_OK;
}

static bool is_json(const struct answer_page *page)
{
    return strcmp(page->content_type, "application/json") == 0;
}

/* The operator's page for this status; where JSON is wanted, only one that is JSON. */
static const struct answer_page *find_page(const struct exchange_options *options, int status,
                                           bool wants_json)
{
    for (unsigned i = 0; i < options->error_page_count; i++) {
        const struct answer_page *page = &options->error_pages[i];
        if (page->status == (unsigned)status)
            return wants_json && !is_json(page) ? NULL : page;
    }
    return NULL;
}

enum stream_written refusal_write(struct client *client, const struct refusal *refusal)
{
    struct block_pool *blocks = &client->crowd->loop->blocks;
    bool wants_json = answer_wants_json(refusal->accept);
    const struct answer_page *page =
        find_page(&env_of(client->crowd)->options, err_status(refusal->err), wants_json);
    struct block *block = block_take(blocks, ANSWER_ERROR_BYTES + (page ? page->body.len : 0));
    answer_error(&(struct answer_error){.err = refusal->err,
                                        .date = crowd_date(client->crowd),
                                        .request_id = refusal->request_id,
                                        .is_to_head = refusal->is_to_head,
                                        .closes = refusal->closes,
                                        .wants_json = wants_json,
                                        .page = page,
                                        .retry_after_s =
                                            err_status(refusal->err) == 503 ? RETRY_AFTER_S : 0},
                 block);
    struct iovec piece = {.iov_base = block->bytes, .iov_len = block->len};
    enum stream_written written = client_write(client, &piece, 1);
    block_give(blocks, block);
    return written;
}

void refusal_of_bad_request(struct client *client, enum err err)
{
    char id[FORWARD_MADE_ID_BYTES];
    forward_make_request_id(&env_of(client->crowd)->rng, id);
    struct refusal refusal = {.err = err, .request_id = view_of(id, sizeof(id)), .closes = true};
    report_bad_request(client, err, refusal.request_id);
    if (refusal_write(client, &refusal) == STREAM_BROKEN)
        client_abort(client);
    else
        client_finish(client, false);
}
