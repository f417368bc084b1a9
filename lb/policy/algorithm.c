#include "lb/policy/algorithm.h"

#include "lb/base/hash.h"
#include "lb/policy/least_requests.h"
#include "lb/policy/rendezvous.h"

typedef struct endpoint *pick(const struct pool_service *service, struct balance_tried *tried,
                              const struct algorithm_key *key);

static struct endpoint *pick_in_turn(const struct pool_service *service,
                                     struct balance_tried *tried, const struct algorithm_key *key)
{
    (void)key;
    return balance_pick_in_turn(service, tried);
}

static struct endpoint *pick_by_load(const struct pool_service *service,
                                     struct balance_tried *tried, const struct algorithm_key *key)
{
    (void)key;
    return least_requests_pick(service, tried, balance_take_turn(service, tried));
}

static struct endpoint *pick_by_key(const struct pool_service *service, struct balance_tried *tried,
                                    const struct algorithm_key *key)
{
    return key->is_given ? rendezvous_pick(service, tried, key->hash)
                         : balance_pick_in_turn(service, tried);
}

struct algorithm_key algorithm_key_of(const struct address *client,
                                      enum balance_algorithm algorithm)
{
    struct {
        uint64_t number, port;
    } text = {address_client_number(client), 0};
    if (algorithm == BALANCE_HASH_CONNECTION)
        text.port = address_port(client);
    else if (algorithm != BALANCE_HASH_CLIENT)
        return (struct algorithm_key){0};
    return (struct algorithm_key){hash_view(HASH_INIT, view_of((const char *)&text, sizeof(text))),
                                  true};
}

struct endpoint *algorithm_pick(const struct pool_service *service, struct balance_tried *tried,
                                const struct algorithm_key *key)
{
    static pick *const picks[] = {
        [BALANCE_ROUND_ROBIN] = pick_in_turn,    [BALANCE_LEAST_REQUESTS] = pick_by_load,
        [BALANCE_HASH_CLIENT] = pick_by_key,     [BALANCE_HASH_HEADER] = pick_by_key,
        [BALANCE_HASH_COOKIE] = pick_by_key,     [BALANCE_HASH_PATH] = pick_by_key,
        [BALANCE_HASH_CONNECTION] = pick_by_key,
    };
    if (service->rotation_count == 0)
        return NULL;
    return picks[service->policy->balance.algorithm](service, tried, key);
}
