/* What is said between the master and its proxy processes (lb/contract/channel.h). */
#ifndef LB_MASTER_DIALOGUE_H
#define LB_MASTER_DIALOGUE_H

#include "lb/contract/channel.h"

struct master;
struct process;

/* Reads what has come from it, and does it. A process that breaks the rules is ended. */
void dialogue_read(struct master *master, struct process *process);

/* It has broken the rules: kills it, and tells why. */
void dialogue_end(struct process *process, const char *why);

/* Says it. One that does not take it for long is ended. */
void dialogue_say(struct process *process, const struct channel_message *message, const int *fds,
                  unsigned fd_count);

/* The same of no descriptors, and only if there is room: for what is of interest at the moment only. */
void dialogue_mention(struct process *process, const struct channel_message *message);

#endif
