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

static struct load find(const struct pool_service *service, bool are_others,
                        const struct balance_tried *tried, uint64_t turn)
{
    const struct pool_candidates candidates = pool_candidates_of(service, are_others);
    struct load least = {0};
    unsigned left = looks_max(service), count = candidates.count;
    for (unsigned i = 0, at = count ? (unsigned)(turn % count) : 0; i < count && left > 0; i++) {
        const struct pool_candidate *candidate = &candidates.list[at];
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
    return least;
}

/* Whose turn it is decides where local ones are preferred; the other side is asked where that one has nobody,
 * or only those in doubt. */
struct endpoint *least_requests_pick(const struct pool_service *service,
                                     const struct balance_tried *tried, uint64_t turn)
{
    struct pool_split_turn own = {true, turn};
    if (service->split.whole > 0)
        own = pool_split_turn(&service->split, turn);
    struct load least = find(service, !own.is_local, tried, own.turn);
    if (!least.candidate || least.is_doubtful) {
        struct load other = find(service, own.is_local, tried, turn);
        if (!least.candidate || (other.candidate && !other.is_doubtful))
            least = other;
    }
    return least.candidate ? least.candidate->endpoint : NULL;
}
