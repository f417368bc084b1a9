/* --acme-check: whether a request to a name comes to us, before an authority is asked to look. */
#ifndef ACME_CHECK_H
#define ACME_CHECK_H

#include "acme/challenge.h"
#include "acme/names.h"

struct check_desk {
    struct exchange *exchange;
    const struct challenge_desk *challenges;
    unsigned port;      /* of HTTP; 80 */
    unsigned spread_ms; /* until other lbs have copied what is put */
};

/* Puts a file of its own among the challenges and asks each name for it. Fails: false, `trouble` names the first that leads
 * elsewhere. */
bool check_names(const struct check_desk *desk, const struct names *names, struct trouble *trouble);

#endif
