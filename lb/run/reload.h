/* SIGHUP: the configuration is read again from the same command line, environment and file, and is
 * handed on whole if all of it is good and can be applied to a running lb. */
#ifndef LB_RUN_RELOAD_H
#define LB_RUN_RELOAD_H

#include <uv.h>

#include "lb/config/config.h"
#include "lb/run/backends.h"

struct reload_options {
    uv_loop_t *loop;
    int argc; /* of main; borrowed */
    char **argv;
    const struct config *(*in_force)(void *owner);
    /* Takes what `next` owns. `backends` are its fixed ones, NULL with another source; borrowed. */
    void (*apply)(void *owner, struct config *next, const struct backends *backends);
    void *owner;
};

struct reload {
    struct reload_options options;
    uv_work_t resolving;
    struct config next;
    struct backends backends;
    struct text problem;
    bool is_resolving;
    bool is_asked_again;
    bool is_closed;
};

/* Copies the options. Thread: control, as for all of this module. */
void reload_init(struct reload *reload, const struct reload_options *options);

/* Reads, checks, and in the end either calls `apply` or says in the log what is wrong. Names of
 * backends are resolved meanwhile on another thread. */
void reload_begin(struct reload *reload);

/* Nothing is applied any more. The loop must run on until what was begun has ended. */
void reload_close(struct reload *reload);

#endif
