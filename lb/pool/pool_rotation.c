#include "lb/pool/pool_rotation.h"

#include <stdlib.h>

#include "lb/base/hash.h"
#include "lb/base/divisor.h"
#include "lb/base/memory.h"

/* Slow start changes shares in steps of a sixteenth, so that the rotation stays short. */
#define SHARE_STEPS 16u

struct turns {
    struct endpoint *endpoint;
    unsigned weight;
    unsigned place; /* in the service's order */
};

/* Those whose turns are spread together. */
struct side {
    struct turns *turns;
    unsigned count;
    unsigned sum; /* of their weights, once reduced */
};

/* Endpoints of the same weight: they take the turns of all of them one after the other. */
struct class
{
    const struct turns *members;
    unsigned member_count;
    unsigned next;
    int64_t credit; /* of the next member */
};

static int compare_turns(const void *left, const void *right)
{
    const struct turns *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return a->place < b->place ? -1 : 1;
}

/* They are in their order, so there is nothing to do where all weigh the same. */
static void sort(struct turns *turns, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        if (turns[i].weight == turns[0].weight)
            continue;
        qsort(turns, count, sizeof(*turns), compare_turns);
        return;
    }
}

static unsigned split(const struct turns *turns, unsigned count, struct class *classes)
{
    unsigned class_count = 0;
    for (unsigned i = 0; i < count; i++) {
        if (i == 0 || turns[i].weight != turns[i - 1].weight)
            classes[class_count++] = (struct class){.members = &turns[i]};
        classes[class_count - 1].member_count++;
    }
    return class_count;
}

static bool goes_before(const struct class *a, const struct class *b)
{
    if (a->credit != b->credit)
        return a->credit > b->credit;
    return a->members[a->next].place < b->members[b->next].place;
}

/* Smooth weighted round robin, played through once: in each turn every endpoint gains its weight,
 * the richest one is taken and pays the sum. Of endpoints with the same weight the one that is next
 * in their order is the richest, so it is enough to look at one of each weight. */
static void play(const struct side *side, struct endpoint **rotation)
{
    struct class *classes = memory_new(side->count * sizeof(*classes));
    sort(side->turns, side->count);
    unsigned class_count = split(side->turns, side->count, classes);
    for (unsigned turn = 0; turn < side->sum; turn++) {
        struct class *richest = &classes[0];
        for (unsigned i = 0; i < class_count; i++) {
            classes[i].credit += classes[i].members[0].weight;
            if (goes_before(&classes[i], richest))
                richest = &classes[i];
        }
        rotation[turn] = richest->members[richest->next].endpoint;
        if (++richest->next == richest->member_count) {
            richest->next = 0;
            richest->credit -= side->sum;
        }
    }
    free(classes);
}

/* So that the rotation keeps its limit; everybody keeps a turn. Gives the new sum. */
static unsigned scale_down(struct turns *turns, unsigned count, uint64_t sum)
{
    uint64_t room = count < POOL_ROTATION_MAX ? POOL_ROTATION_MAX - count : 0;
    unsigned scaled_sum = 0;
    for (unsigned i = 0; i < count; i++) {
        turns[i].weight = 1 + (unsigned)((turns[i].weight - 1) * room / (sum - count));
        scaled_sum += turns[i].weight;
    }
    return scaled_sum;
}

/* By the smallest numbers that have the same proportions. Gives the sum. */
static unsigned reduce(const struct side *side)
{
    struct turns *turns = side->turns;
    unsigned divisor = 0, count = side->count;
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        divisor = (unsigned)divisor_greatest(turns[i].weight, divisor);
    for (unsigned i = 0; i < count; i++)
        sum += turns[i].weight /= divisor;
    if (sum > POOL_ROTATION_MAX && sum > count)
        return scale_down(turns, count, sum);
    return (unsigned)sum;
}

static bool is_usable(const struct pool_service *service, const struct endpoint *endpoint)
{
    return service->usable_states & POOL_STATE_BIT(endpoint->next_state);
}

static unsigned steps_of(const struct endpoint *endpoint, uint64_t now_ms)
{
    return (endpoint_share_percent(endpoint, now_ms) * SHARE_STEPS + 99) / 100;
}

/* Those that can have requests, of one side; NULL: of both. */
static unsigned collect(struct pool_service *service, struct turns *turns, const bool *is_local,
                        uint64_t now_ms)
{
    unsigned count = 0;
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        struct endpoint *endpoint = service->endpoints[i];
        if (!is_usable(service, endpoint) || (is_local && endpoint->is_local != *is_local))
            continue;
        unsigned steps = steps_of(endpoint, now_ms);
        unsigned weight = endpoint_weight(endpoint);
        service->is_warming = service->is_warming || steps < SHARE_STEPS;
        turns[count] = (struct turns){endpoint, weight * steps, count};
        count++;
    }
    return count;
}

static bool takes_turns(const struct pool_service *service)
{
    const struct balance_rule *rule = &service->policy->balance;
    return rule->algorithm == BALANCE_ROUND_ROBIN && !rule->is_sticky;
}

static void list_candidates(struct pool_service *service, const struct side *sides)
{
    unsigned count = sides[0].count + sides[1].count;
    service->candidates = memory_new(count * sizeof(*service->candidates));
    service->candidate_count = sides[0].count;
    service->other_count = sides[1].count;
    service->are_alike = true;
    for (unsigned i = 0; i < count; i++) {
        const struct turns *turns = &sides[0].turns[i];
        service->candidates[i] = (struct pool_candidate){
            turns->endpoint, hash_str(HASH_INIT, turns->endpoint->id), turns->weight};
        service->are_alike &= turns->weight == sides[0].turns[0].weight;
    }
}

/* ---- who is preferred ------------------------------------------------------------------------- */

/* Those that may well come back: who leaves, and who has not been there yet, is not missing. */
static bool is_missing(const struct endpoint *endpoint)
{
    switch (endpoint->next_state) {
    case ENDPOINT_UNHEALTHY:
    case ENDPOINT_FAILING:
    case ENDPOINT_EJECTED:
        return true;
    case ENDPOINT_STARTING:
    case ENDPOINT_PROBING:
        return endpoint->ready_ms > 0;
    default:
        return false;
    }
}

/* Of those that can have requests the most; where all are new, slow start makes no difference. */
static unsigned most_steps(const struct pool_service *service, uint64_t now_ms)
{
    unsigned most = 1;
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        unsigned steps = steps_of(service->endpoints[i], now_ms);
        if (is_usable(service, service->endpoints[i]) && steps > most)
            most = steps;
    }
    return most;
}

static struct pool_split divide(const struct pool_service *service, uint64_t now_ms)
{
    struct pool_split_side others = {0}, local = {0};
    unsigned full_steps = most_steps(service, now_ms);
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        const struct endpoint *endpoint = service->endpoints[i];
        struct pool_split_side *side = endpoint->is_local ? &local : &others;
        bool is_among = is_usable(service, endpoint);
        if (is_among)
            side->usable += (uint64_t)endpoint_weight(endpoint) * steps_of(endpoint, now_ms);
        if (is_among || is_missing(endpoint))
            side->all += (uint64_t)endpoint_weight(endpoint) * full_steps;
    }
    return pool_split_of(&local, &others);
}

/* The local ones first, then the others; without local ones, or where all are alike, only the first side has any. */
static void take_sides(struct pool_service *service, struct side *sides, uint64_t now_ms)
{
    static const bool is_local = true, is_other = false;
    bool prefers_local = service->policy->preference == PREFERENCE_LOCAL;
    struct pool_split split = prefers_local ? divide(service, now_ms) : (struct pool_split){0};
    bool has_local = split.local > 0;
    sides[0].count = collect(service, sides[0].turns, has_local ? &is_local : NULL, now_ms);
    sides[1] = (struct side){.turns = &sides[0].turns[sides[0].count]};
    if (has_local)
        sides[1].count = collect(service, sides[1].turns, &is_other, now_ms);
    bool is_divided = has_local && split.local < split.whole;
    service->split = is_divided ? split : (struct pool_split){0};
}

/* ---- all -------------------------------------------------------------------------------------- */

void pool_rotation_build(struct pool_service *service, uint64_t now_ms)
{
    struct side sides[2] = {{.turns = memory_new(service->endpoint_count * sizeof(struct turns))}};
    struct turns *all = sides[0].turns;
    take_sides(service, sides, now_ms);
    if (!takes_turns(service))
        list_candidates(service, sides);
    for (unsigned i = 0; i < 2; i++)
        sides[i].sum = sides[i].count > 0 ? reduce(&sides[i]) : 0;
    service->rotation_count = sides[0].sum;
    service->other_turn_count = sides[1].sum;
    service->turn_count = service->candidates || service->split.whole > 0 ? 0 : sides[0].sum;
    service->rotation = memory_new(pool_turns(service) * sizeof(struct endpoint *));
    for (unsigned i = 0, at = 0; i < 2; at += sides[i++].sum)
        if (sides[i].count > 0)
            play(&sides[i], &service->rotation[at]);
    free(all);
}
