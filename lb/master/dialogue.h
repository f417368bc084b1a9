/* What proxy processes say to the master, and what comes of it (lb/contract/channel.h). */
#ifndef LB_MASTER_DIALOGUE_H
#define LB_MASTER_DIALOGUE_H

struct master;
struct process;

/* Reads what has come from it, and does it. A process that breaks the rules is ended. */
void dialogue_read(struct master *master, struct process *process);

#endif
