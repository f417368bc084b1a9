/* lb-report, as the master runs it: started by its plan, started again when it ends, replaced when the plan is another. What
 * it is told waits in a socket of the master's meanwhile (keepsakes.h); nobody waits for it. */
#ifndef LB_MASTER_REPORTER_H
#define LB_MASTER_REPORTER_H

#include <stdbool.h>
#include <stdint.h>

struct master;
struct process;

/* A process serves now, by this plan, which is taken (-1: none): starts what is to run, and ends what is not. */
void reporter_follow(struct master *master, int plan);

/* Whether there is a plan, so that there is somebody to be told. */
bool reporter_is_wanted(const struct master *master);

/* Whether one with that plan (-1: none) delivers lines of logs: who tells it some needs a place to send them to. */
bool reporter_takes_lines(int plan);

/* This program goes on where another one left off, by exec. */
void reporter_resume(struct master *master);

/* The one that runs ends, and is started anew at once, by the same plan: the program on disk is another one. */
void reporter_replace(struct master *master);

/* It has ended, with that status of waitpid(2): `one` is how it was. */
void reporter_has_ended(struct master *master, const struct process *one, int status);

/* Starts it where that is due. */
void reporter_tick(struct master *master, uint64_t now_ns);

/* For the master's end, when nobody is left who tells: it delivers what it has for at most two seconds, and is killed
 * soon after. To be said again and again. */
void reporter_stop(struct master *master);

#endif
