/* All addresses that lb listens on: opened here, before any worker starts, and lent to who accepts.
 * Nobody else binds. Thread: control. */
#ifndef LB_RUN_PORTS_H
#define LB_RUN_PORTS_H

#include "lb/config/config.h"
#include "lb/net/listening.h"

struct ports {
    struct listening
        listens[CONFIG_LISTEN_MAX]; /* of --listen and --listen-also; a socket for each worker */
    unsigned listen_count;
    struct listening admin; /* one socket; none without an admin listener */
};

/* Fails: false, said in the log. ports_close is due in any case. */
bool ports_open(struct ports *ports, const struct config *config, unsigned worker_count);

/* Closes what was not lent; the addresses stay known. */
void ports_close(struct ports *ports);

#endif
