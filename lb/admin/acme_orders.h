/* What became of the certificates that lb-acme orders, as it tells (lb/contract/acme.h). Nothing of it is trusted. Thread: control. */
#ifndef LB_ADMIN_ACME_ORDERS_H
#define LB_ADMIN_ACME_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/arena.h"
#include "lb/base/text.h"

#define ACME_ORDERS_MAX       1000u
#define ACME_ORDERS_NAMES_MAX 100u /* of one */

struct acme_order {
    struct view *names;
    unsigned name_count;
    struct view state;           /* "valid", "ordering", "waiting" or "failed" */
    int64_t not_after_s, next_s; /* 0: not known */
    struct view problem;         /* cleaned; empty: none */
};

/* Zeroed memory has none. */
struct acme_orders {
    struct arena arena;
    struct acme_order *orders;
    unsigned count;
};

/* From the keepsake with that descriptor; 0 or less, or what cannot be read: none. To be handed to acme_orders_fini. */
void acme_orders_read(struct acme_orders *orders, int fd);

/* From JSON. */
void acme_orders_parse(struct acme_orders *orders, struct view json);

/* The one that has this name, or a wildcard for it. NULL: none. */
const struct acme_order *acme_orders_find(const struct acme_orders *orders, struct view name);

void acme_orders_fini(struct acme_orders *orders);

#endif
