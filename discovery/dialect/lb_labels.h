/* lb's own labels, all that begin with "lb.". Pure. */
#ifndef DISCOVERY_DIALECT_LB_LABELS_H
#define DISCOVERY_DIALECT_LB_LABELS_H

#include "discovery/dialect/statement.h"

/* What they say of a container. Values of other types than expected are passed over. `statement`
 * says nothing before. */
void lb_labels_read(const struct statement_source *source, struct statement *statement);

/* The name of each label beginning with "lb." that is known; NULL after the last. */
const char *lb_labels_at(size_t index);

#endif
