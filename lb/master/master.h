/* The master: what it has, and its loop. */
#ifndef LB_MASTER_MASTER_H
#define LB_MASTER_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/rng.h"
#include "lb/master/bells.h"
#include "lb/master/keepsakes.h"
#include "lb/master/processes.h"
#include "lb/master/program.h"
#include "lb/master/store.h"

#define MASTER_MS 1000000ull /* in nanoseconds */

/* lb-discovery, as far as the master knows it. */
struct master_discovery {
    int plan, pipe;         /* -1: none */
    uint64_t restart_at_ns; /* 0: it is not waited for */
    uint64_t start_count;
    unsigned failures_in_a_row;
    bool is_replaced; /* it was told to end, and is started anew at once */
};

struct master {
    char *const *arguments;
    char *const *environment;        /* as it was given */
    char **words_of_proxy;           /* as a proxy process gets it */
    char own_path[PROGRAM_PATH_BYTES]; /* of lb */
    struct program proxy;
    struct bells bells;
    struct rng rng;
    struct store store;
    struct keepsakes keepsakes;
    struct processes processes;
    struct channel_history history;
    struct channel_place place;
    struct master_discovery discovery;
    uint64_t restart_at_ns; /* of the proxy process; 0: it is not waited for */
    bool has_served;        /* some process was sealed */
    bool is_ending;
    bool is_over;
    int exit_status;
};

/* Serves until there is nothing to serve. Gives the exit status. */
int master_run(struct master *master);

/* Starts a proxy process in that role. Fails: NULL, and it was told. */
struct process *master_start_proxy(struct master *master, enum process_role role);

/* It serves from now on: it is told, its place and its plan are the master's. */
void master_let_serve(struct master *master, struct process *process);

/* Time in nanoseconds from which on `ms` have passed. */
uint64_t master_in_ms(uint64_t ms);

#endif
