/* The master: its loop. */
#ifndef LB_MASTER_MASTER_H
#define LB_MASTER_MASTER_H

#include <stdbool.h>

struct master;

/* Nothing is open, nobody runs. */
void master_init(struct master *master);

/* Serves until there is nothing to serve: begins with a proxy process unless it goes on with what an lb before it left. Gives the
 * exit status. */
int master_run(struct master *master, bool goes_on);

#endif
