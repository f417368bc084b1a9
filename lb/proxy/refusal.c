#include "lb/proxy/refusal.h"

#include "lb/http/forward.h"
#include "lb/http/via.h"
#include "lb/policy/library.h"
#include "lb/proxy/report.h"

#define RETRY_AFTER_S 1u

enum err refusal_find(const struct env *env, const struct head *head)
{
    if (via_has_loop(head, env->options.instance))
        return ERR_LOOP;
    if (head->has_max_forwards && head->max_forwards == 0)
        return head_is_method(head, VIEW("TRACE")) ? ERR_METHOD : ERR_LAST_HOP;
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

enum stream_written refusal_write(struct front *front, const struct refusal *refusal)
{
    const struct exchange_options *options = &env_of(front->crowd)->options;
    int status = err_status(refusal->err);
    unsigned retry_after_s = refusal->retry_after_s ? refusal->retry_after_s : RETRY_AFTER_S;
    bool may_come_again = status == 503 && refusal->err != ERR_OTHER_SCHEME;
    bool wants_json = answer_wants_json(refusal->accept);
    const struct answer_page *page = refusal->page;
    if (!page && refusal->pages.len > 0)
        page = library_find_page(env_of(front->crowd)->library, refusal->pages, (unsigned)status,
                                 wants_json);
    return front_send_answer(
        front, &(struct answer_error){.err = refusal->err,
                                      .request_id = refusal->request_id,
                                      .is_to_head = refusal->is_to_head,
                                      .wants_json = wants_json,
                                      .location = refusal->location,
                                      .lines = refusal->lines,
                                      .page = page ? page : find_page(options, status, wants_json),
                                      .retry_after_s = may_come_again ? retry_after_s : 0});
}

void refusal_of_bad_request(struct front *front, enum err err)
{
    struct env *env = env_of(front->crowd);
    char id[FORWARD_MADE_ID_BYTES];
    forward_make_request_id(&env->rng, id);
    struct refusal refusal = {.err = err, .request_id = view_of(id, sizeof(id))};
    report_bad_request(env, &front->peer, err, refusal.request_id);
    if (refusal_write(front, &refusal) == STREAM_BROKEN)
        front_abort(front);
    else
        front_finish(front);
}
