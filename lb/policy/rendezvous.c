#include "lb/policy/rendezvous.h"

#include <math.h>

#include "lb/base/hash.h"
#include "lb/policy/outlier.h"

/* ---- the order of a key ---------------------------------------------------------------------- */

/* Each is the first with a chance as its weight says; in the same order as without the logarithm where
 * all weigh the same (Schindelhauer and Schomaker). */
static double score_of(const struct pool_service *service, const struct pool_candidate *candidate,
                       uint64_t key)
{
    double chance = ((double)(hash_mix(key ^ candidate->hash) >> 11) + 0.5) * 0x1p-53;
    return service->are_alike ? chance : -(double)candidate->weight / log(chance);
}

/* ---- who is too busy ------------------------------------------------------------------------- */

/* What all have in flight, and what they weigh. */
struct sums {
    uint64_t inflight_count, weight;
};

static struct sums add_up(const struct pool_candidates *candidates)
{
    struct sums sums = {0};
    for (unsigned i = 0; i < candidates->count; i++) {
        sums.inflight_count += endpoint_inflight_count(candidates->list[i].endpoint);
        sums.weight += candidates->list[i].weight;
    }
    return sums;
}

/* With one more it would be above what it may have. */
static bool is_busy(const struct pool_candidate *candidate, const struct sums *sums)
{
    uint64_t count = endpoint_inflight_count(candidate->endpoint);
    return count >= RENDEZVOUS_LOAD_FREE &&
           (count + 1) * sums->weight * 100 >
               (sums->inflight_count + 1) * candidate->weight * RENDEZVOUS_LOAD_MAX_PERCENT;
}

/* ---- the choice ------------------------------------------------------------------------------ */

/* What is asked for: an order, and who is to be left out. */
struct wish {
    const struct pool_service *service;
    const struct balance_tried *tried;
    uint64_t key;
    struct pool_candidates among;
    bool takes_doubtful;
    const struct sums *sums; /* NULL: however busy they are */
};

static bool is_wanted(const struct wish *wish, const struct pool_candidate *candidate)
{
    return balance_may_go(wish->service, wish->tried, candidate->endpoint) &&
           (wish->takes_doubtful || !outlier_is_doubtful(candidate->endpoint)) &&
           (!wish->sums || !is_busy(candidate, wish->sums));
}

static const struct pool_candidate *find_first(const struct wish *wish)
{
    const struct pool_service *service = wish->service;
    const struct pool_candidate *first = NULL;
    double first_score = -1;
    for (unsigned i = 0; i < wish->among.count; i++) {
        const struct pool_candidate *candidate = &wish->among.list[i];
        double score = score_of(service, candidate, wish->key);
        if (score <= first_score || !is_wanted(wish, candidate))
            continue;
        first = candidate;
        first_score = score;
    }
    return first;
}

/* Only one with many requests in flight is compared with the others, and none of a UDP service: a client's flow
 * may begin anew on another worker at any time, and is to find the same endpoint there. */
static const struct pool_candidate *find(struct wish *wish)
{
    const struct pool_candidate *first = find_first(wish);
    if (!first || wish->service->kind == SERVICE_UDP ||
        endpoint_inflight_count(first->endpoint) < RENDEZVOUS_LOAD_FREE)
        return first;
    struct sums sums = add_up(&wish->among);
    wish->sums = &sums;
    const struct pool_candidate *next = is_busy(first, &sums) ? find_first(wish) : first;
    wish->sums = NULL;
    return next ? next : first;
}

/* Where local ones are preferred the key says whose it is, as long as those have somebody. */
static const struct pool_candidate *find_on_sides(struct wish *wish)
{
    const struct pool_split *split = &wish->service->split;
    bool is_others = split->whole > 0 && !pool_split_is_local(split, hash_mix(wish->key));
    wish->among = pool_candidates_of(wish->service, is_others);
    const struct pool_candidate *found = find(wish);
    if (found)
        return found;
    wish->among = pool_candidates_of(wish->service, !is_others);
    return find(wish);
}

struct endpoint *rendezvous_pick(const struct pool_service *service,
                                 const struct balance_tried *tried, uint64_t key)
{
    struct wish wish = {
        .service = service, .tried = tried, .key = key, .takes_doubtful = tried->count == 0};
    const struct pool_candidate *found = find_on_sides(&wish);
    if (!found && !wish.takes_doubtful) {
        wish.takes_doubtful = true;
        found = find_on_sides(&wish);
    }
    return found ? found->endpoint : NULL;
}
