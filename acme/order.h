/* One certificate: ordered, shown to be ours, and fetched (RFC 8555 § 7.4). */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H

#include "acme/authorization.h"
#include "acme/private_key.h"

struct order_result {
    struct text chain, key; /* PEM */
};

/* Runs it to its end, which takes seconds to minutes. `replaced`: the id of the certificate in whose place it comes (RFC 9773 § 5), ""
 * where there is none. Fails: false, with `trouble`. order_result_fini in either case. */
bool order_run(struct authorization_desk *desk, const struct names *names,
               enum private_key_kind key_kind, const char *replaced, struct order_result *result,
               struct trouble *trouble);

void order_result_fini(struct order_result *result);

#endif
