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
static void play(struct pool_service *service, struct turns *turns, unsigned count, unsigned sum)
{
    struct class *classes = memory_new(count * sizeof(*classes));
    sort(turns, count);
    unsigned class_count = split(turns, count, classes);
    for (unsigned turn = 0; turn < sum; turn++) {
        struct class *richest = &classes[0];
        for (unsigned i = 0; i < class_count; i++) {
            classes[i].credit += classes[i].members[0].weight;
            if (goes_before(&classes[i], richest))
                richest = &classes[i];
        }
        service->rotation[turn] = richest->members[richest->next].endpoint;
        if (++richest->next == richest->member_count) {
            richest->next = 0;
            richest->credit -= sum;
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
static unsigned reduce(struct turns *turns, unsigned count)
{
    unsigned divisor = 0;
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        divisor = (unsigned)divisor_greatest(turns[i].weight, divisor);
    for (unsigned i = 0; i < count; i++)
        sum += turns[i].weight /= divisor;
    if (sum > POOL_ROTATION_MAX && sum > count)
        return scale_down(turns, count, sum);
    return (unsigned)sum;
}

static unsigned steps_of(const struct endpoint *endpoint, uint64_t now_ms)
{
    return (endpoint_share_percent(endpoint, now_ms) * SHARE_STEPS + 99) / 100;
}

static unsigned collect(struct pool_service *service, struct turns *turns, uint64_t now_ms)
{
    unsigned count = 0;
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        struct endpoint *endpoint = service->endpoints[i];
        if (!(service->usable_states & POOL_STATE_BIT(endpoint->next_state)))
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

static void list_candidates(struct pool_service *service, const struct turns *turns, unsigned count)
{
    service->candidates = memory_new(count * sizeof(*service->candidates));
    service->candidate_count = count;
    service->are_alike = true;
    for (unsigned i = 0; i < count; i++) {
        struct endpoint *endpoint = turns[i].endpoint;
        service->candidates[i] =
            (struct pool_candidate){endpoint, hash_str(HASH_INIT, endpoint->id), turns[i].weight};
        service->are_alike &= turns[i].weight == turns[0].weight;
    }
}

void pool_rotation_build(struct pool_service *service, uint64_t now_ms)
{
    struct turns *turns = memory_new(service->endpoint_count * sizeof(*turns));
    unsigned count = collect(service, turns, now_ms);
    if (!takes_turns(service))
        list_candidates(service, turns, count);
    unsigned sum = count > 0 ? reduce(turns, count) : 0;
    service->rotation = memory_new(sum * sizeof(struct endpoint *));
    service->rotation_count = sum;
    service->turn_count = service->candidates ? 0 : sum;
    if (count > 0)
        play(service, turns, count, sum);
    free(turns);
}
