/* Which certificate a name is shown, and which one it has of its own: by the store, and by what routes of that name say
 * (lb/contract/https_rule.h). Thread: worker. */
#ifndef LB_PROXY_CERTIFICATE_CHOICE_H
#define LB_PROXY_CERTIFICATE_CHOICE_H

#include "lb/contract/https_rule.h"
#include "lb/proxy/env.h"
#include "lb/tls/tls_store.h"

/* Who is shown to a client that asks for that name (lower case; empty: it asks for none), and who judges it. No host: the
 * handshake is refused. Lives as long as env->certificates. */
struct tls_choice certificate_choice_find(struct env *env, struct view server_name);

/* The certificate that a host (lower case, without its port) has by what holds for it. The default one counts, unless
 * it is distrusted. NULL: it has none. */
const struct tls_host *certificate_choice_own(const struct env *env, const struct https_rule *rule,
                                              struct view host);

#endif
