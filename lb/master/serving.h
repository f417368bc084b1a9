/* Which proxy process serves, and how one is started. */
#ifndef LB_MASTER_SERVING_H
#define LB_MASTER_SERVING_H

#include "lb/master/processes.h"
#include "lb/master/program.h"

struct master;

/* Starts a proxy process in that role. Fails: NULL, and it was told. */
struct process *serving_start_proxy(struct master *master, enum process_role role,
                                    const struct program *program);

/* Starts one that is to serve, now; later, where that cannot be done. */
void serving_start(struct master *master);

/* It serves from now on: it is told, its place and its plan are the master's. */
void serving_let(struct master *master, struct process *process);

/* How the master itself is to behave, of a place. */
void serving_heed(const struct channel_place *place);

/* Nothing is started any more; when the proxy processes have ended the master ends, too. */
void serving_begin_to_end(struct master *master);

#endif
