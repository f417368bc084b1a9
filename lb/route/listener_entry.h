/* One TCP or UDP listener of a table: its rules, and which of them holds. Immutable. Thread: any. */
#ifndef LB_ROUTE_LISTENER_ENTRY_H
#define LB_ROUTE_LISTENER_ENTRY_H

#include "lb/contract/listener_rule.h"

#define LISTENER_TABLE_NONE   UINT32_MAX
#define LISTENER_TABLE_CLOSED (UINT32_MAX - 1) /* a rule holds that leads to nobody */

/* Rules with the exact name come first, then those with "*.", then those without a name. */
enum listener_form {
    LISTENER_FORM_EXACT,
    LISTENER_FORM_SUFFIX,
    LISTENER_FORM_ANY,
    LISTENER_FORM_COUNT
};

struct listener_entry_rule {
    struct listener_rule rule;
    uint32_t service; /* its number in the table; or LISTENER_TABLE_CLOSED */
};

struct listener_entry {
    const struct listener_entry_rule *rules; /* the table's; by form, name and ALPN */
    unsigned ends[LISTENER_FORM_COUNT];      /* behind the last rule of each form */
};

/* Whether connections have to be looked into before it is known where they go. */
bool listener_entry_has_names(const struct listener_entry *entry);

/* The number of the service. `server_name`: in lower case, empty where there is none; `alpns`: what the
 * client offers. The exact name comes first, then the longest one with "*.", then rules without a name; of
 * each first one with an ALPN that is offered. LISTENER_TABLE_NONE: no rule holds; LISTENER_TABLE_CLOSED. */
uint32_t listener_entry_find(const struct listener_entry *entry, struct view server_name,
                             const struct view *alpns, unsigned alpn_count);

/* Those of a connection of which nothing is known, or that is no TLS. */
static inline uint32_t listener_entry_default(const struct listener_entry *entry)
{
    return listener_entry_find(entry, (struct view){0}, NULL, 0);
}

#endif
