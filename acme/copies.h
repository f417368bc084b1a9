/* What other lbs have put into Consul, copied into our folder: challenges, which lb-proxy may be asked for, and certificates. */
#ifndef ACME_COPIES_H
#define ACME_COPIES_H

#include "acme/challenge.h"
#include "acme/store.h"

/* Copies what has changed. `is_ours`: we order, and challenges that are here and not there are our own; else they go. Fails: false, with
 * `trouble`. */
bool copies_pull(struct sharing *sharing, const struct challenge_desk *desk, struct store *store,
                 bool is_ours, struct trouble *trouble);

/* Gives a certificate to the others. Fails: false, with `trouble`. */
bool copies_push(struct sharing *sharing, const char *folder, const struct names *names,
                 const struct store_pair *pair, struct trouble *trouble);

#endif
