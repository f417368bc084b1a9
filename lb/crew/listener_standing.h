/* What has become of the TCP and UDP listeners, for people. Thread: control. */
#ifndef LB_CREW_LISTENER_STANDING_H
#define LB_CREW_LISTENER_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/contract/protocol.h"

enum listener_state {
    LISTENER_OPEN,
    LISTENER_FAILED, /* `why`; it is tried again */
    LISTENER_ENDING, /* nothing leads to it any more, or it is about to be opened again */
};

struct listener_standing {
    enum service_kind kind; /* SERVICE_TCP or SERVICE_UDP */
    struct address at;      /* with the port that port 0 became */
    bool ends_tls;          /* it is one of HTTPS, where names may be somebody else's */
    bool is_dynamic;        /* containers asked for it; else the operator did */
    enum listener_state state;
    uint64_t since_ns; /* wall clock */
    char why[240];     /* with what would help; "" while it is open */
};

/* In the order of their first mention. */
struct listener_standings {
    const struct listener_standing *const *all;
    unsigned count;
};

/* "open", "failed" or "ending". Static. */
static inline const char *listener_state_word(enum listener_state state)
{
    static const char *const words[] = {
        [LISTENER_OPEN] = "open", [LISTENER_FAILED] = "failed", [LISTENER_ENDING] = "ending"};
    return words[state];
}

#endif
