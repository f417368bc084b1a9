/* Which certificate a host is shown, and which CA judges its clients: by the store, and by what routes of the host say
 * (lb/contract/https_rule.h). For handshakes, and for what is told of them. Pure. Thread: any. */
#ifndef LB_POLICY_SHOWN_CERTIFICATE_H
#define LB_POLICY_SHOWN_CERTIFICATE_H

#include "lb/contract/https_rule.h"
#include "lb/tls/tls_store.h"

/* The certificate that a host (lower case, without its port) has by what holds for it. The default one counts, unless
 * it is distrusted. NULL: it has none. `match` may be NULL. */
const struct tls_host *shown_certificate_own(const struct tls_store *store,
                                             const struct https_rule *rule, struct view host,
                                             enum tls_match *match);

/* What is shown in the end; `host` may be empty: the client names none. Its clients are judged by NAME.ca.crt of the host itself,
 * else by that of the file that is shown, else by ca.crt. `store` may be NULL: there is none; `match` may be NULL. */
struct tls_choice shown_certificate_find(const struct tls_store *store,
                                         const struct https_rule *rule, struct view host,
                                         enum tls_match *match);

#endif
