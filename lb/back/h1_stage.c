#include "lb/back/h1_stage.h"

#include "lb/back/place.h"

/* Who waits for it is told as soon as the running call is over. */
static void give_place_back(struct h1_upstream *upstream)
{
    upstream->has_place = false;
    admit_release(upstream->back.endpoint);
    place_tell(upstream->back.fleet, upstream->back.endpoint, service_of(upstream->back.service));
}

void h1_stage_close(struct h1_upstream *upstream)
{
    if (upstream->state == H1_UPSTREAM_CLOSING)
        return;
    h1_stage_enter(upstream, H1_UPSTREAM_CLOSING);
    parsers_drop(upstream->back.fleet->parsers, &upstream->parser);
    if (upstream->has_place)
        stream_expect_end(&upstream->stream); /* while a child holds a copy, a close tells nobody */
    stream_close(&upstream->stream);
    if (upstream->has_place)
        give_place_back(upstream);
}

void h1_stage_fail(struct h1_upstream *upstream, enum err err)
{
    pressure_end(&upstream->back.pressure, loop_now_ms(upstream->back.fleet->loop));
    h1_stage_close(upstream);
    upstream->back.handler->on_failed(upstream->back.owner, err);
}
