/* Errands of clients, none of whom may fill the pool of threads: so many of one client are under way at a
 * time, its others wait here for their turn, and those of another client are next after one round. One
 * struct errand_turns for each loop. Thread: the loop's. */
#ifndef LB_NET_ERRAND_TURN_H
#define LB_NET_ERRAND_TURN_H

#include "lb/base/list.h"
#include "lb/net/errand.h"

/* Of one client. A share keeps the usual 4 threads of the pool busy. What waits is no more of one client
 * than it could have under way if it were alone, so that nobody takes all places that there are for it. */
#define ERRAND_SHARE       4u
#define ERRAND_WAITING_MAX (ERRAND_MAX - ERRAND_SHARE)
#define ERRAND_WAITING_ALL 240u /* of all clients */

struct errand_turns {
    struct loop *loop;
    struct list begun;   /* struct errand_turn: at most ERRAND_MAX */
    struct list waiting; /* struct errand_turn, longest first */
};

/* Lies in what the work is about, as its errand does. */
struct errand_turn {
    struct errand errand; /* its functions are set */
    struct list node;     /* of one of the lists */
    struct errand_turns *turns;
    uint64_t client;
    bool is_waiting;
};

void errand_turn_init(struct errand_turns *turns, struct loop *loop);

/* It begins, or waits until it may. `client`: address_client_number. Borrows until `on_done`. Fails:
 * false, and nothing has happened; too many wait. */
bool errand_turn_take(struct errand_turn *turn, struct errand_turns *turns, uint64_t client);

/* Of `on_done`, first: the next one may begin. */
void errand_turn_over(struct errand_turn *turn);

/* It need not begin any more: `on_done` follows, at once where it waits for its turn. */
void errand_turn_call_off(struct errand_turn *turn);

#endif
