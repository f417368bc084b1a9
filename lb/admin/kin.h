/* The lb that runs here, found by those who ask it: by the command line, the environment and the file of settings
 * of its master, which /proc shows; where it hides the environment, as it does of a process that may not be looked at, by
 * the asker's. Needs no file of its own, so it works on a
 * read-only root too. */
#ifndef LB_ADMIN_KIN_H
#define LB_ADMIN_KIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "lb/config/config.h"

#define KIN_MAX 16

struct kin {
    pid_t pid;
    struct config config; /* as it was started; the files that it names are read now */
};

struct kin_list {
    struct kin all[KIN_MAX];
    unsigned count;
};

/* All lb of this user, in this namespace of processes and network, that serve; by their pids, and
 * one for each admin address. Changes the working folder. Gives: kin_fini(). */
void kin_find(struct kin_list *list);

void kin_fini(struct kin_list *list);

#endif
