/* What it means that a child has ended. */
#ifndef LB_MASTER_ENDINGS_H
#define LB_MASTER_ENDINGS_H

struct master;

/* Reaps all that have ended, strangers whose parent is gone, too (process 1 is everybody's last parent). */
void endings_reap(struct master *master);

#endif
