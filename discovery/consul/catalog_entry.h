/* One entry of GET /v1/health/service/NAME: a server of a service, with the checks of it and of its node.
 *
 *   all passing, or no check            ready, with Weights.Passing
 *   some warning, none critical         ready, with Weights.Warning (0: draining)
 *   any critical, of the node's too     unhealthy, with what the check says
 *   maintenance of it or of its node    draining
 *
 * It is told apart by its node's name and its id there. It is at its own address, or at its node's where it
 * has none, or at that of its tagged addresses which is asked for. Pure. */
#ifndef DISCOVERY_CONSUL_CATALOG_ENTRY_H
#define DISCOVERY_CONSUL_CATALOG_ENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/engine_id.h"
#include "lb/base/address.h"
#include "lb/contract/endpoint_id.h"
#include "lb/contract/endpoint_state.h"
#include "lb/contract/left_out_reason.h"

#define CATALOG_ENTRY_HEALTH_BYTES_MAX 200u
#define CATALOG_ENTRY_WEIGHT_MAX       65535u /* as Consul has it */

/* What the entry says of its address. */
struct catalog_entry_rules {
    const char *address_key; /* "wan": of its tagged addresses; NULL: its own */
    uint16_t port;           /* instead of its own; 0: its own */
    const char *own_node;    /* of this host; NULL: not known */
};

struct catalog_entry {
    char *id;   /* NODE/SERVICE-ID; a slash or % of the node is %2F or %25 */
    char *name; /* SERVICE-ID */
    char *node;
    uint64_t create_index, modify_index;
    char address[ADDRESS_TEXT_BYTES]; /* "": it has none, see `detail` */
    uint16_t port;                    /* 0: it has none */
    const char *address_from;         /* a constant */
    const char *port_from;            /* a constant */
    bool is_local, is_on_host;
    unsigned passing_weight, warning_weight;
    enum endpoint_state state;
    const char *cause; /* "passing", "warning", "critical" or "maintenance": a constant */
    bool is_warning;
    char *health;                                      /* what its failing check says, or NULL */
    char twin[ENGINE_ID_LEN + ENDPOINT_ID_PORT_BYTES]; /* "": it is not known to be a container */
    enum left_out_reason reason;                       /* of having no address */
    char *detail;                                      /* a sentence, else NULL */
    const char *remedy;                                /* a constant, or NULL */
    const json_t *tags;  /* borrowed from what was read, as long as that lasts */
    uint64_t words_hash; /* another one where tags or port differ */
};

/* Reads an element of the answer for that service. Gives: catalog_entry_fini(). Fails: false, nothing is given: it is
 * no such entry, or its node or its id cannot be told (longer than 250 bytes, no UTF-8, control characters). */
bool catalog_entry_read(const json_t *item, const char *service,
                        const struct catalog_entry_rules *rules, struct catalog_entry *out);
void catalog_entry_fini(struct catalog_entry *entry);

/* Its weight now; `heaviest` is the service's heaviest one (either of both), which becomes
 * LIMITS_WEIGHT_MAX where it is beyond that, the others in proportion, and at least 1. */
unsigned catalog_entry_weigh(const struct catalog_entry *entry, unsigned heaviest);

#endif
