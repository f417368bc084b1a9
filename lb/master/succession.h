/* One proxy process after another, side by side until the new one is ready: at SIGHUP with settings that need it (renewal),
 * with the binaries on disk (upgrade), or one of another master (hand-over). One succession at a time. */
#ifndef LB_MASTER_SUCCESSION_H
#define LB_MASTER_SUCCESSION_H

#include <stdbool.h>
#include <stdint.h>

struct master;
struct process;
struct succession;

void succession_init(struct succession *succession);

/* Begin. One that cannot begin is told, and left out. */
void succession_begin_renewal(struct master *master, const char *why);
void succession_begin_upgrade(struct master *master);
bool succession_begin_away(struct master *master);

/* The process that is to come was sealed, or is ready; the other master's is (`process` NULL). */
void succession_is_sealed(struct master *master, struct process *process);
void succession_is_ready(struct master *master, struct process *process);

/* The old one has given way. */
void succession_has_yielded(struct master *master, struct process *process);

/* A process that has to do with it has ended, with that status of waitpid(2). Of the one that serves: gives whether another
 * one comes in its place, so that none is to be started. */
void succession_trial_has_ended(struct master *master, int status);
void succession_coming_has_ended(struct master *master, int status);
bool succession_serving_has_ended(struct master *master);

/* The other master is gone: before it was told that it has all, or just then. */
void succession_away_is_gone(struct master *master);

/* It came to nothing, for that reason; the old one serves on. */
void succession_fail(struct master *master, const char *why);

void succession_tick(struct master *master, uint64_t now_ns);

#endif
