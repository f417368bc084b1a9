/* The master becomes the lb on disk, by exec: same process, same children, same sockets (state.h). Before that the new lb was tried:
 * it tells its version, which makes it start the new lb-proxy for the same, and says whether it can read the state. */
#ifndef LB_MASTER_UPGRADE_H
#define LB_MASTER_UPGRADE_H

#include <stdint.h>

struct master;

/* Words of the environment between an lb and the next: where the state is; where the lb before is, for a way back; that there is a
 * state to be looked at, and nothing else. */
#define UPGRADE_STATE  "LB_MASTER_STATE"
#define UPGRADE_BEFORE "LB_MASTER_BEFORE"
#define UPGRADE_TRIAL  "LB_MASTER_TRIAL"

/* Starts the lb at the own path as a trial, to be ended at that time. Fails: -errno. */
int upgrade_start_trial(struct master *master, uint64_t due_ns);

/* The new lb-proxy serves: replaces lb-discovery, and this program. Comes back where that fails, and it was told. */
void upgrade_finish(struct master *master);

/* At the start of a program: looks at the state where it is a trial; ends the program where it cannot be read. */
void upgrade_check_trial(void);

/* Whether this is the next lb; reads the state then. One that cannot read it becomes the lb before again, or ends. */
int upgrade_resume(struct master *master);

#endif
