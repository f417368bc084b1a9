/* What `mirror` of a route says: which service gets a copy of which share of its requests, as in
 * "shop-next 10%". Borrows the name. Pure. Thread: any. */
#ifndef LB_CONTRACT_MIRROR_RULE_H
#define LB_CONTRACT_MIRROR_RULE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define MIRROR_RULE_WHOLE 10000u /* parts of all requests: hundredths of a percent */

struct mirror_rule {
    struct view service; /* empty: there is none */
    unsigned parts;      /* 1 to MIRROR_RULE_WHOLE */
};

/* False: `problem` gets what is wrong with it: "names no share". */
bool mirror_rule_parse(struct view value, struct mirror_rule *out, struct text *problem);

#endif
