/* A program that is started as a child: its path, and a descriptor of it that stays, so that the same file is started again
 * whatever lies at the path meanwhile. */
#ifndef LB_MASTER_PROGRAM_H
#define LB_MASTER_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "lb/master/bells.h"

#define PROGRAM_PATH_BYTES 4096u

struct program {
    char path[PROGRAM_PATH_BYTES];
    int fd; /* -1: not open */
};

/* What a child is given. Borrowed. */
struct program_start {
    char *const *arguments;
    char *const *environment;
    int channel; /* becomes CHANNEL_FD, or -1 */
    bool
        is_quiet; /* what it writes to standard output is nobody's business; in a group of its own */
    const struct bells *bells;
};

/* The path of the program that runs, and of `name` beside it. Fails: -errno. */
int program_find_own(char path[PROGRAM_PATH_BYTES]);
int program_find_beside(const char *own, const char *name, char path[PROGRAM_PATH_BYTES]);

/* Opens what lies at the path now. Fails: -errno. */
int program_open(struct program *program);
void program_close(struct program *program);

/* Starts it as a child, with the standard streams as they are. A child that cannot says so on standard error and ends with
 * 127. Fails: -errno. */
pid_t program_start(const struct program *program, const struct program_start *start);

#endif
