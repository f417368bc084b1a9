/* All addresses that lb is asked for requests at: their sockets come here, before any worker starts, and are lent to who
 * accepts. Thread: control. */
#ifndef LB_RUN_PORTS_H
#define LB_RUN_PORTS_H

#include "lb/config/config.h"
#include "lb/run/lender.h"

struct ports {
    struct listening
        listens[CONFIG_LISTEN_MAX]; /* of --listen and --listen-also; a socket for each worker */
    unsigned listen_count;
    struct listening tls_listens[CONFIG_LISTEN_MAX]; /* of --listen-tls, the same */
    unsigned tls_listen_count;
    struct listening admin; /* one socket; none without an admin listener */
};

/* What --listen-also asks for comes from a lender of its own. Fails: false, said in the log. ports_close is due in any
 * case. */
bool ports_open(struct ports *ports, const struct config *config, const struct lender *lender,
                const struct lender *also_lender, unsigned worker_count);

/* Whether others listen there when lb is gone. */
bool ports_last(const struct ports *ports);

/* Closes what was not lent; the addresses stay known. */
void ports_close(struct ports *ports);

#endif
