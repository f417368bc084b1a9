/* What a certificate says of itself, as people and tables need it. For lb/tls alone. Thread: any. */
#ifndef LB_TLS_TLS_CERTIFICATE_H
#define LB_TLS_TLS_CERTIFICATE_H

#include <openssl/x509.h>

#include "lb/base/arena.h"
#include "lb/base/text.h"
#include "lb/tls/tls_identity_facts.h"

/* All of facts but what is the key's and the chain's. Bytes are the arena's. Fails: false with `problem`. */
bool tls_certificate_read_facts(X509 *certificate, struct arena *arena,
                                struct tls_identity_facts *facts, struct text *problem);

/* As tls_identity_name says. Names that no host can have are left out. */
bool tls_certificate_read_names(X509 *certificate, struct arena *arena, struct view **names,
                                unsigned *count, struct text *problem);

/* Whether `host` is an IP address that it is good for. */
bool tls_certificate_has_address(X509 *certificate, struct view host);

#endif
