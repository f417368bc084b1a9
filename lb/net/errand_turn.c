#include "lb/net/errand_turn.h"

void errand_turn_init(struct errand_turns *turns, struct loop *loop)
{
    turns->loop = loop;
    list_init(&turns->begun);
    list_init(&turns->waiting);
}

static struct errand_turn *turn_of(struct list *node)
{
    return list_entry(node, struct errand_turn, node);
}

static unsigned count_of_client(const struct list *list, uint64_t client)
{
    unsigned count = 0;
    list_for_each (node, list)
        count += turn_of(node)->client == client;
    return count;
}

static unsigned count_of(const struct list *list)
{
    unsigned count = 0;
    list_for_each (node, list)
        count++;
    return count;
}

/* False: it may not yet. */
static bool begin(struct errand_turn *turn)
{
    struct errand_turns *turns = turn->turns;
    if (count_of_client(&turns->begun, turn->client) >= ERRAND_SHARE ||
        !errand_start(&turn->errand, turns->loop))
        return false;
    list_unlink(&turn->node);
    list_append(&turns->begun, &turn->node);
    turn->is_waiting = false;
    return true;
}

bool errand_turn_take(struct errand_turn *turn, struct errand_turns *turns, uint64_t client)
{
    list_init(&turn->node);
    turn->turns = turns;
    turn->client = client;
    if (begin(turn))
        return true;
    if (count_of_client(&turns->waiting, client) >= ERRAND_WAITING_MAX ||
        count_of(&turns->waiting) >= ERRAND_WAITING_ALL)
        return false;
    list_append(&turns->waiting, &turn->node);
    turn->is_waiting = true;
    return true;
}

void errand_turn_over(struct errand_turn *turn)
{
    list_unlink(&turn->node);
    if (turn->is_waiting)
        return;
    list_for_each (node, &turn->turns->waiting)
        if (begin(turn_of(node)))
            return;
}

void errand_turn_call_off(struct errand_turn *turn)
{
    if (turn->is_waiting)
        turn->errand.on_done(&turn->errand, false);
    else
        errand_call_off(&turn->errand);
}
