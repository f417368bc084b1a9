/* Whether a certificate is to be ordered now, and if not, why not and when. Pure. */
#ifndef ACME_DECISION_H
#define ACME_DECISION_H

#include "acme/state.h"
#include "acme/store.h"

enum decision_word {
    DECISION_ORDER, /* there is none, or it is time for another one */
    DECISION_VALID, /* one is on the disk, and it is not time yet */
    DECISION_WAIT,  /* one is to be ordered, but not yet: it failed, or the authority wants it so */
};

struct decision {
    enum decision_word word;
    bool is_renewal;
    int64_t next_s;    /* when it is to be ordered */
    const char *cause; /* a part of a sentence; static */
};

/* `entry`: what is on the disk for these names, NULL: nothing. `state` NULL: nothing is known. */
struct decision decision_make(const struct names *names, const struct store_entry *entry,
                              const struct state_entry *state, int64_t pause_until_s,
                              int64_t now_s);

#endif
