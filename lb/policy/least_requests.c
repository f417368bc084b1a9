#include "lb/policy/least_requests.h"

#include "lb/policy/outlier.h"

/* As it would be with this request. */
struct load {
    const struct pool_candidate *candidate; /* NULL: there is none */
    uint64_t count;
    bool is_doubtful;
};

static bool is_less(const struct load *load, const struct load *than)
{
    if (!than->candidate || load->is_doubtful != than->is_doubtful)
        return !than->candidate || than->is_doubtful;
    return load->count * than->candidate->weight < than->count * load->candidate->weight;
}

/* At least two, so that there is a choice. */
static unsigned looks_max(const struct pool_service *service)
{
    unsigned max = LEAST_REQUESTS_LOOKS_MAX / service->candidates[0].endpoint->worker_count;
    return max > 2 ? max : 2;
}

struct endpoint *least_requests_pick(const struct pool_service *service,
                                     const struct balance_tried *tried, uint64_t turn)
{
    struct load least = {0};
    unsigned left = looks_max(service), count = service->candidate_count;
    for (unsigned i = 0, at = (unsigned)(turn % count); i < count && left > 0; i++) {
        const struct pool_candidate *candidate = &service->candidates[at];
        at = at + 1 < count ? at + 1 : 0;
        if (!balance_may_go(service, tried, candidate->endpoint))
            continue;
        struct load load = {.candidate = candidate,
                            .count = endpoint_inflight_count(candidate->endpoint) + 1,
                            .is_doubtful =
                                tried->count > 0 && outlier_is_doubtful(candidate->endpoint)};
        if (is_less(&load, &least))
            least = load;
        left--;
    }
    return least.candidate ? least.candidate->endpoint : NULL;
}
