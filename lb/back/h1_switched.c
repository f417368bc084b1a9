#include "lb/back/h1_switched.h"

#include <assert.h>

#include "lb/back/h1_stage.h"

static void on_data(void *owner, struct view data)
{
    struct h1_upstream *upstream = owner;
    upstream->back.handler->on_raw(upstream->back.owner, data);
}

static void on_eof(void *owner)
{
    struct h1_upstream *upstream = owner;
    upstream->has_ended = true;
    upstream->back.handler->on_raw_end(upstream->back.owner);
}

static void on_drained(void *owner)
{
    struct h1_upstream *upstream = owner;
    upstream->back.handler->on_drained(upstream->back.owner);
}

static void on_broken(void *owner, int status)
{
    struct h1_upstream *upstream = owner;
    (void)status;
    h1_stage_fail(upstream, upstream->has_ended ? ERR_UPSTREAM_RESET : ERR_UPSTREAM_TRUNCATED);
}

/* Who closes hands it back before, so that nobody is told of that here. */
static const struct stream_handler stream_handler = {
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_broken = on_broken,
};

void h1_switched_begin(struct h1_upstream *upstream)
{
    h1_stage_enter(upstream, H1_UPSTREAM_SWITCHED);
    stream_hand_over(&upstream->stream, &stream_handler, upstream);
}

struct stream *back_lend(struct back *back)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    assert(upstream->state == H1_UPSTREAM_SWITCHED || upstream->state == H1_UPSTREAM_SENDING);
    h1_stage_enter(upstream, H1_UPSTREAM_LENT);
    parsers_drop(upstream->back.fleet->parsers, &upstream->parser);
    return &upstream->stream;
}
