/* The jail of this proxy process: which files it may read and write, from the settings. Thread: control. */
#ifndef LB_RUN_CONFINE_H
#define LB_RUN_CONFINE_H

#include <sys/types.h>

#include "lb/certs/certs_reach.h"
#include "lb/config/config.h"

#define CONFINE_PATHS_MAX                                                                          \
    (CONFIG_ERROR_PAGE_MAX + CONFIG_WEBROOT_MAX +                                                  \
     CONFIG_CERTIFICATE_DIR_MAX * (CERTS_REACH_MAX + 1) + 32)

/* What it was locked up with. Zeroed memory: with nothing, and all may be read. */
struct confine {
    struct {
        char *path;
        bool is_written;
        dev_t device; /* what was there then: the kernel knows it by these, and not by its path */
        ino_t inode;  /* 0: nothing was there */
    } paths[CONFINE_PATHS_MAX];
    unsigned count;
    bool is_locked;
};

/* Enters the jail that the settings want. Fails: false, and `problem` says why. */
bool confine_enter(struct confine *confine, const struct config *config, struct text *problem);

/* Whether who may read all files is to go on doing so in it: there are keys of others that it may come to, and nothing else
 * of theirs. */
bool confine_reads_keys(const struct config *config);

/* Appends what holds, as lb/jail has it. */
void confine_append_state(const struct config *config, struct text *out);

/* Whether these settings, too, can be lived with in it, and what it was let into is still what is there. False: appends what it
 * lacks. */
bool confine_covers(const struct confine *confine, const struct config *next, struct text *lack);

void confine_fini(struct confine *confine);

#endif
