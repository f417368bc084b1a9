/* The states of endpoints and their words: of those that a source tells, and of those that lb comes
 * to itself. */
#ifndef LB_CONTRACT_ENDPOINT_STATE_H
#define LB_CONTRACT_ENDPOINT_STATE_H

#include <stdbool.h>

/* XX(name, word, is_of_source): READY gets new requests; in panic (lb/pool/pool.h) FAILING, EJECTED
 * and UNHEALTHY do too. */
#define ENDPOINT_STATE_MAP(XX)                                                                     \
    XX(READY, "ready", true)                                                                       \
    XX(PROBING, "probing", false)    /* in the pool once a first contact succeeded */              \
    XX(STARTING, "starting", true)   /* its HEALTHCHECK has not passed yet */                      \
    XX(UNHEALTHY, "unhealthy", true) /* its HEALTHCHECK fails */                                   \
    XX(PAUSED, "paused", true)                                                                     \
    XX(DRAINING, "draining", true)  /* told to stop: finishes what it has */                       \
    XX(FAILING, "failing", false)   /* lb's own check fails */                                     \
    XX(EJECTED, "ejected", false)   /* requests failed on it: out for a time */                    \
    XX(DISABLED, "disabled", false) /* an operator took it out */                                  \
    XX(GONE, "gone", false)         /* in no snapshot any more */

enum endpoint_state {
#define XX(name, word, is_of_source) ENDPOINT_##name,
    ENDPOINT_STATE_MAP(XX)
#undef XX
        ENDPOINT_STATE_COUNT
};

/* Static. Thread: any, as for all of this module. */
const char *endpoint_state_word(enum endpoint_state state);

/* The state of a word that a source may say. Fails: false; NULL is no word. */
bool endpoint_state_parse(const char *word, enum endpoint_state *out);

#endif
