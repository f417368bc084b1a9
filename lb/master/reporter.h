/* lb-report, as the master runs it. What it is told waits in a socket of the master's while it does not run (keepsakes.h). At
 * the master's end it comes last, when nobody is left who tells: it delivers what it has for at most two seconds. */
#ifndef LB_MASTER_REPORTER_H
#define LB_MASTER_REPORTER_H

#include <stdbool.h>

struct attendant;
struct master;

extern const struct attendant reporter_attendant;

/* A process serves now, by this plan, which is taken (-1: none). */
void reporter_follow(struct master *master, int plan);

/* Whether there is a plan, so that there is somebody to be told. */
bool reporter_is_wanted(const struct master *master);

/* This program goes on where another one left off, by exec. */
void reporter_resume(struct master *master);

#endif
