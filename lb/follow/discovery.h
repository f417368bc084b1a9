/* lb-discovery as the configuration wants it. */
#ifndef LB_FOLLOW_DISCOVERY_H
#define LB_FOLLOW_DISCOVERY_H

#include "lb/config/config.h"
#include "lb/follow/child.h"

struct discovery_options {
    const struct address *listen; /* where clients come in; NULL: nowhere */
    const struct address *admin;  /* where it can be asked whether lb is ready; NULL: nowhere */
    bool (*on_line)(void *owner, struct view line);
    void (*on_trouble)(void *owner, const char *what, const char *remedy);
    void *owner;
    const char *service; /* that requests go to which no route knows */
};

/* Which one it is: --discovery, else the one beside this program, else the one on PATH. */
void discovery_find_program(const struct config *config, char program[CHILD_PATH_BYTES]);

/* Starts lb-discovery for the configured sources. Gives the child; to be stopped, finished and freed.
 * Borrows `config`. */
struct child *discovery_start(const struct config *config, struct loop *loop,
                              const struct discovery_options *options);

/* Starts it anew, if by `config` it is to be told something else. Gives whether it is. */
bool discovery_change(const struct config *config, struct child *child,
                      const struct discovery_options *options);

#endif
