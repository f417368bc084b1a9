/* Which certificate a client is shown that asks for a name. Thread: worker. */
#ifndef LB_PROXY_CERTIFICATE_CHOICE_H
#define LB_PROXY_CERTIFICATE_CHOICE_H

#include "lb/proxy/env.h"

/* `server_name`: in lower case, empty where none was given. Borrowed from the certificates in use. NULL: none is shown. */
const struct tls_host *certificate_choice_find(struct env *env, struct view server_name);

#endif
