/* Ports that containers may have TCP and UDP listeners at (--dynamic-ports). Pure. Thread: any. */
#ifndef LB_CONTRACT_LISTENER_RANGE_H
#define LB_CONTRACT_LISTENER_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/base/text.h"
#include "lb/base/view.h"

/* Inclusive; low 0: none. */
struct listener_range {
    struct address at; /* its port does not count */
    uint16_t low, high;
};

/* Reads "[IP:]LOW-HIGH", or "off". Fails: false, `problem` gets what is wrong and what is
 * accepted. */
bool listener_range_parse(struct view text, struct listener_range *out, struct text *problem);
void listener_range_format(const struct listener_range *range, struct text *out);

static inline bool listener_range_has(const struct listener_range *range, uint16_t port)
{
    return range->low > 0 && port >= range->low && port <= range->high;
}

#endif
