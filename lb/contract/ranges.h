/* Ranges of addresses with commas between them: "10.0.0.0/8, fd00::/8, 192.0.2.7". Pure. */
#ifndef LB_CONTRACT_RANGES_H
#define LB_CONTRACT_RANGES_H

#include "lb/base/cidr.h"
#include "lb/base/text.h"

#define RANGES_MAX 256u

/* The next one; `*rest` is what follows it, with a NULL pointer behind the last. Empty ones are passed
 * over. False: there is none, or it is no range (`*fault` is the text of it then, else empty). */
bool ranges_next(struct view *rest, struct cidr *out, struct view *fault);

/* How many there are; 0: it is no such list, and `problem` gets why. */
unsigned ranges_count(struct view value, struct text *problem);

#endif
