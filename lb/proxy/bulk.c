#include "lb/proxy/bulk.h"

static void give(struct front *front, struct splice **splice)
{
    splice_give(&front->crowd->loop->splices, *splice);
    *splice = NULL;
}

void bulk_begin_request(struct bulk *bulk, struct front *front, const struct back *back)
{
    if (!bulk->request && back_takes_splice(back))
        bulk->request = front_splice(front);
}

void bulk_begin_response(struct bulk *bulk, struct back *back, const struct front *front)
{
    if (!bulk->response && front_takes_splice(front))
        bulk->response = back_splice(back);
}

bool bulk_has_request(const struct bulk *bulk)
{
    return bulk->request && bulk->request->len > 0;
}

bool bulk_has_response(const struct bulk *bulk)
{
    return bulk->response && bulk->response->len > 0;
}

static void end_request(struct bulk *bulk, struct front *front)
{
    if (!bulk->request)
        return;
    front_unsplice(front);
    give(front, &bulk->request);
}

void bulk_send(struct bulk *bulk, struct front *front, struct back *back, uint64_t *body_bytes)
{
    size_t count;
    enum stream_written written = back_send_splice(back, bulk->request, &count);
    if (written == STREAM_BROKEN) {
        count += bulk->request->len; /* nobody will have it, as with a copied body */
        end_request(bulk, front);
    }
    *body_bytes += count;
    front_skip(front, count);
    if (written == STREAM_FULL)
        front_pause_body(front);
    else
        front_take_body(front);
}

bool bulk_answer(struct bulk *bulk, struct front *front, struct back *back, uint64_t *body_bytes)
{
    size_t count;
    enum stream_written written = front_send_splice(front, bulk->response, &count);
    *body_bytes += count;
    if (written == STREAM_BROKEN)
        return false;
    if (written == STREAM_FULL)
        back_pause(back);
    else
        back_resume(back);
    back_skip(back, count);
    return true;
}

void bulk_end(struct bulk *bulk, struct front *front)
{
    end_request(bulk, front);
    if (bulk->response)
        give(front, &bulk->response);
}
