/* One TCP or UDP listener: opened, closed, and opened again where that fails. Its sockets are the workers'. Thread:
 * control. */
#ifndef LB_RUN_KEPT_PORT_H
#define LB_RUN_KEPT_PORT_H

#include "lb/crew/listener_set.h"
#include "lb/crew/listener_standing.h"
#include "lb/run/lender.h"

#define KEPT_PORT_NEVER UINT64_MAX

struct kept_port {
    struct listener_standing standing;
    struct address wanted;      /* as it was asked for, perhaps with port 0 */
    struct channel_socket lent; /* how the sockets of `port` were asked for */
    struct listener_port *port; /* one reference; NULL: it is not open, and no worker has it */
    bool is_wanted;
    bool is_ending;   /* it is out of the set, but workers may have it */
    bool is_met;      /* a look at all that is wanted has met it */
    uint64_t due_ms;  /* it is tried again, or is not wanted any more; by the loop's clock */
    unsigned wait_ms; /* before the next try */
};

/* Gives one that is wanted and not open yet. */
struct kept_port *kept_port_new(enum service_kind kind, const struct address *at, bool is_dynamic);

/* Tries, and says in the log what has changed. `ordinal`: of those that are asked for with the same address. Fails: false; it is due again, unless `now_ms` is
 * KEPT_PORT_NEVER: nobody will try again. */
bool kept_port_open(struct kept_port *kept, const struct lender *lender, uint32_t ordinal,
                    unsigned worker_count, uint64_t now_ms);

/* It cannot be had, for that reason (borrowed). The same; said in the log once in a row. */
void kept_port_fail(struct kept_port *kept, const char *why, uint64_t now_ms);

/* The next set is without it. */
void kept_port_end(struct kept_port *kept);

/* Whether it was ending and no worker has it any more: its sockets are gone, and those of the lender are. */
bool kept_port_has_ended(struct kept_port *kept, const struct lender *lender);

/* It is in the set that workers are given. */
static inline bool kept_port_is_open(const struct kept_port *kept)
{
    return kept->port && !kept->is_ending;
}

/* Closes what no worker has. NULL is allowed. */
void kept_port_free(struct kept_port *kept);

#endif
