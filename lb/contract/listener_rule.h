/* Which service gets what comes to a TCP or UDP listener: the same for flags (--tcp), labels (lb.tcp),
 * files and lines of discovery. Borrows all of its bytes. Pure. Thread: any. */
#ifndef LB_CONTRACT_LISTENER_RULE_H
#define LB_CONTRACT_LISTENER_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/contract/listener_range.h"
#include "lb/contract/protocol.h"

#define LISTENER_RULE_NAME_BYTES_MAX 255u /* of a listener, a server name, a service */
#define LISTENER_RULE_ALPN_BYTES_MAX 64u
#define LISTENER_RULES_MAX           4096u /* of a line */

struct listener_rule {
    enum service_kind kind; /* SERVICE_TCP or SERVICE_UDP */
    /* Which listener. Of an operator's own rules `at` says it; of others the port, or its name: that of
     * the service that the operator has it for. */
    struct address at;    /* of family 0: not given */
    uint16_t port;        /* 0: not given */
    struct view listener; /* empty: not given */

    /* What of it; for SERVICE_TCP only. */
    struct view
        server_name;  /* "a.test", "*.a.test" (any labels before it); empty: all, TLS or not */
    struct view alpn; /* that the client offers, too: "h2"; empty: any, or none */

    /* It holds, and leads to nobody: its container is gone, and the service has become somebody else's. */
    bool is_closed;

    /* An operator's without a service: lb itself speaks TLS there, and only names may be asked for. */
    bool ends_tls;

    struct view service; /* empty only for an operator's: whoever asks for the listener */

    /* Where it comes from, as of a route; each may be empty. */
    struct view dialect;
    struct view label;
    struct view container;
    struct view container_name;
    uint64_t created_ns;
};

/* Reads "IP:PORT[/SERVER-NAME][#ALPN][=SERVICE]", PORT alone being one of 0.0.0.0, into `at`, `server_name`,
 * `alpn` and `service`; by `kind` a server name is refused for UDP. Fails: false, `problem` gets what is wrong
 * and what is accepted. */
bool listener_rule_parse(struct view text, enum service_kind kind, struct listener_rule *out,
                         struct text *problem);

/* Appends it as that takes it. */
void listener_rule_format(const struct listener_rule *rule, struct text *out);

/* A name of a server as a ClientHello says it, or "*." and such a name. Fails: false, `problem` as above. */
bool listener_rule_check_server_name(struct view text, struct text *problem);

/* Fails as above: 1 to 64 visible ASCII characters, no '=' or ',' (RFC 7301 lets names be any bytes). */
bool listener_rule_check_alpn(struct view text, struct text *problem);

/* Whether both hold for the same connections of the same listener, as written. */
bool listener_rule_is_alike(const struct listener_rule *a, const struct listener_rule *b);

#endif
