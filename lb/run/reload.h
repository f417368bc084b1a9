/* SIGHUP: the configuration is read again from the same command line, environment and file, and is handed on whole if all
 * of it is good: to this process, or to one that is started anew beside it where this one cannot take it over. */
#ifndef LB_RUN_RELOAD_H
#define LB_RUN_RELOAD_H

#include "lb/base/text.h"
#include "lb/config/config.h"

struct reload_options {
    int argc; /* of main; borrowed */
    char **argv;
    /* Whether this process cannot take them over; appends why. */
    bool (*needs_renewal)(void *owner, const struct config *next, struct text *why);
    void (*apply)(void *owner, struct config *next); /* takes what `next` owns */
    void (*renew)(void *owner, const char *why);
    void (*settle)(void *owner, int status); /* it was dealt with; 0, or -EINVAL: it was refused */
    void *owner;
};

struct reload {
    struct reload_options options;
    struct config next;
    struct text problem, why;
    bool is_closed;
};

/* Copies the options. Thread: control, as for all of this module. */
void reload_init(struct reload *reload, const struct reload_options *options);

/* Reads, checks, and either calls `apply` or `renew`, or says in the log what is wrong. */
void reload_begin(struct reload *reload);

/* Nothing is applied any more. */
void reload_close(struct reload *reload);

#endif
