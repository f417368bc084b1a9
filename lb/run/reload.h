/* SIGHUP: the configuration is read again from the same command line, environment and file, and is
 * handed on whole if all of it is good and can be applied to a running lb. */
#ifndef LB_RUN_RELOAD_H
#define LB_RUN_RELOAD_H

#include "lb/base/text.h"
#include "lb/config/config.h"

struct reload_options {
    int argc; /* of main; borrowed */
    char **argv;
    const struct config *(*in_force)(void *owner);
    void (*apply)(void *owner, struct config *next); /* takes what `next` owns */
    void *owner;
};

struct reload {
    struct reload_options options;
    struct config next;
    struct text problem;
    bool is_closed;
};

/* Copies the options. Thread: control, as for all of this module. */
void reload_init(struct reload *reload, const struct reload_options *options);

/* Reads, checks, and either calls `apply` or says in the log what is wrong. */
void reload_begin(struct reload *reload);

/* Nothing is applied any more. */
void reload_close(struct reload *reload);

#endif
