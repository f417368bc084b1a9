/* Shows the server that the names of an order are ours: all of them beside one another (RFC 8555 § 7.5). */
#ifndef ACME_AUTHORIZATION_H
#define ACME_AUTHORIZATION_H

#include "acme/challenge.h"
#include "acme/client.h"
#include "acme/names.h"

/* What is needed for it. All borrowed. */
struct authorization_desk {
    struct client *client;
    const struct challenge_desk *challenges;
    enum challenge_kind kind;
    unsigned spread_ms; /* until other lbs have copied a challenge; 0: there are none */
    void *owner;
    bool (*keep)(void *owner); /* called while it waits; false: another one orders now, give up */
};

/* The order's authorizations, an array of URLs. Fails: false, with `trouble`. */
bool authorization_run(struct authorization_desk *desk, const json_t *urls,
                       struct trouble *trouble);

/* Waits before the next question, longer each time; at most as long as the server says. False, with `trouble`: it is told to end, or
 * another one orders now, or it took too long. */
bool authorization_wait(struct authorization_desk *desk, unsigned *waited_ms,
                        unsigned retry_after_s, const char *what, struct trouble *trouble);

#endif
