/* The signals that lb hears, and those that it ignores. */
#ifndef LB_RUN_SIGNALS_H
#define LB_RUN_SIGNALS_H

#include <uv.h>

#define SIGNALS_COUNT 5u

struct signals_options {
    uv_loop_t *uv;                                             /* borrowed */
    void (*on_end)(void *owner, int number, const char *name); /* SIGTERM, SIGINT, SIGQUIT */
    void (*on_reload)(void *owner);                            /* SIGHUP */
    void (*on_reopen)(void *owner);                            /* SIGUSR1 */
    void *owner;
};

struct signals {
    struct signals_options options;
    uv_signal_t handles[SIGNALS_COUNT];
};

/* Hears them from now on, and ignores those that nobody sends on purpose. Copies the options.
 * Thread: control, as for all of this module. */
void signals_init(struct signals *signals, const struct signals_options *options);

/* Closes the handles; the loop must run once more. What comes from now on waits, blocked: it
 * changes no exit status. Idempotent. */
void signals_close(struct signals *signals);

#endif
