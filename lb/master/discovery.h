/* lb-discovery, as the master runs it: started by the plan, started again when it ends, replaced when the plan is another. The
 * read end of its pipe goes to the proxy process that serves. */
#ifndef LB_MASTER_DISCOVERY_H
#define LB_MASTER_DISCOVERY_H

#include <stdint.h>

struct discovery;
struct master;
struct process;

void discovery_init(struct discovery *discovery);

/* A process serves now, by this plan, which is taken (-1: none): starts what is to run, and passes on the pipe of what
 * runs already. */
void discovery_follow(struct master *master, int plan);

/* A process comes that has a plan, where the one that serves has none: its lb-discovery is started now, so that it can get its
 * pool; discovery_follow goes on with it, or discovery_end_early ends it again. */
void discovery_begin_early(struct master *master, const struct process *process);
void discovery_end_early(struct master *master);

/* The one that runs ends, and is started anew at once, by the same plan: the program on disk is another one. What it has registered
 * elsewhere stays there. */
void discovery_replace(struct master *master);

/* It has ended, with that status of waitpid(2). */
void discovery_has_ended(struct master *master, int status);

/* Starts it where that is due. */
void discovery_tick(struct master *master, uint64_t now_ns);

/* A line of it was good; it gives no sign of life. */
void discovery_is_sound(struct master *master);
void discovery_is_hung(struct master *master, const char *why);

/* For the master's end: it is told to end, and killed a few seconds later. */
void discovery_stop(struct master *master);

#endif
