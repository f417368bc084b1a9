/* The master: what it has, and its loop. */
#ifndef LB_MASTER_MASTER_H
#define LB_MASTER_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/rng.h"
#include "lb/master/bells.h"
#include "lb/master/discovery.h"
#include "lb/master/guest.h"
#include "lb/master/handover.h"
#include "lb/master/keepsakes.h"
#include "lb/master/processes.h"
#include "lb/master/program.h"
#include "lb/master/store.h"
#include "lb/master/succession.h"

#define MASTER_MS 1000000ull /* in nanoseconds */

struct master {
    char *const *own_arguments;
    char *const *environment;
    char **arguments, **words_of_proxy; /* what a proxy process gets */
    char **words_for_exec;              /* room for an environment of another lb */
    size_t words_room;
    char own_path[PROGRAM_PATH_BYTES]; /* of lb */
    struct program proxy;
    struct bells bells;
    struct rng rng;
    struct store store;
    struct keepsakes keepsakes;
    struct processes processes;
    struct channel_history history;
    struct channel_place place;
    struct discovery discovery;
    struct guest guest;
    struct succession succession;
    struct handover handover;
    uint64_t restart_at_ns; /* of the proxy process; 0: it is not waited for */
    bool has_served;        /* some process was sealed */
    bool is_ending;
    bool is_over;
    int exit_status;
};

/* Nothing is open, nobody runs. */
void master_init(struct master *master);

/* Serves until there is nothing to serve: begins with a proxy process unless it goes on with what an lb before it left. Gives the
 * exit status. */
int master_run(struct master *master, bool goes_on);

/* Starts a proxy process in that role. Fails: NULL, and it was told. */
struct process *master_start_proxy(struct master *master, enum process_role role,
                                   const struct program *program);

/* Nothing is started any more; when the proxy processes have ended the master ends, too. */
void master_begin_to_end(struct master *master);

/* It serves from now on: it is told, its place and its plan are the master's. */
void master_let_serve(struct master *master, struct process *process);

/* Time in nanoseconds from which on `ms` have passed. */
uint64_t master_in_ms(uint64_t ms);

#endif
