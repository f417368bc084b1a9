#include "lb/back/fleet.h"

#include "lb/back/dial.h"
#include "lb/back/h1_upstream.h"

#define KEPT_UPSTREAMS 4096u
#define KEPT_DIALS     256u

void fleet_init(struct fleet *fleet, struct loop *loop, struct metrics *metrics,
                struct slab *parsers, unsigned worker_index)
{
    *fleet = (struct fleet){
        .loop = loop, .metrics = metrics, .parsers = parsers, .worker_index = worker_index};
    list_init(&fleet->with_idle);
    slab_init(&fleet->upstream_slab, sizeof(struct h1_upstream), KEPT_UPSTREAMS);
    slab_init(&fleet->dial_slab, sizeof(struct dial), KEPT_DIALS);
}

void fleet_configure(struct fleet *fleet, const struct back_options *options)
{
    fleet->options = *options;
    parser_setup_init(&fleet->response_setup, PARSER_RESPONSE, &options->limits);
    fleet->response_setup.held_bytes = &fleet->loop->blocks.used_bytes;
}

void fleet_fini(struct fleet *fleet)
{
    slab_fini(&fleet->upstream_slab);
    slab_fini(&fleet->dial_slab);
    backend_tls_fini(&fleet->tls);
}
