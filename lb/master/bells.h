/* The signals that the master hears, by a descriptor (signalfd(2)); all others wait, blocked, but for those of its own faults
 * and of job control. Thread: the one that there is, as for all of this folder. */
#ifndef LB_MASTER_BELLS_H
#define LB_MASTER_BELLS_H

#include <signal.h>
#include <stdbool.h>

struct bells {
    int fd;
    sigset_t before; /* what was blocked when the program came */
};

struct bells_ring {
    int number;
    bool is_of_terminal; /* Ctrl-C: all of the terminal's foreground group got it */
};

/* Hears from now on. `is_after_exec`: what is blocked was blocked by the program before. Fails: -errno. */
int bells_open(struct bells *bells, bool is_after_exec);

/* The next that has come; false: none. */
bool bells_next(struct bells *bells, struct bells_ring *out);

/* For a child, before exec. */
void bells_restore(const struct bells *bells);

/* "SIGTERM", or "signal 40". Gives `text`. */
#define BELLS_NAME_BYTES 24
const char *bells_name(int number, char text[BELLS_NAME_BYTES]);

#endif
