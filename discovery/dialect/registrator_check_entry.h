/* registrator's words for a check, as Consul makes it: SERVICE_CHECK_HTTP, _HTTPS, _TTL, _TCP and _GRPC with
 * what belongs to them, and the same with a port, which counts more there. What Consul would refuse is told
 * and not sent. Pure. */
#ifndef DISCOVERY_DIALECT_REGISTRATOR_CHECK_ENTRY_H
#define DISCOVERY_DIALECT_REGISTRATOR_CHECK_ENTRY_H

#include "discovery/dialect/statement.h"

/* All is borrowed. */
struct registrator_check_subject {
    struct statement_source from;
    uint16_t port;       /* inside: SERVICE_<port>_CHECK_HTTP */
    bool is_udp;         /* nothing but a TTL is of use there */
    const char *address; /* where the agent asks; an IP */
    uint16_t outer;
};

/* Zeroed memory: its words ask for no check. All is owned. */
struct registrator_check_entry {
    json_t *definition;  /* as the API has it; NULL: none that the agent can make */
    char *path;          /* of a probe: an HTTP answer with a text in its body; NULL: none */
    char *method, *text; /* of that */
    uint32_t interval_ms, timeout_ms;
    char *deregister_after; /* "5m"; NULL: not said */
};

/* `remark` gets a sentence on each word that cannot be used, with "; " between them; bounded. Gives. */
void registrator_check_entry_read(const struct registrator_check_subject *subject,
                                  struct text *remark, struct registrator_check_entry *out);

/* Whether something may be looked for in a body: then it matters where lb itself reaches the port. */
bool registrator_check_entry_probes(const struct statement_source *source, uint16_t port);

void registrator_check_entry_fini(struct registrator_check_entry *entry);

#endif
