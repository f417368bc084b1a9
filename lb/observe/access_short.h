/* The short form of the access log, for people at a terminal: "time status duration method place →
 * service/container client", and what went wrong. Foreign bytes are escaped as in access_text.h. */
#ifndef LB_OBSERVE_ACCESS_SHORT_H
#define LB_OBSERVE_ACCESS_SHORT_H

#include "lb/observe/line.h"
#include "lb/observe/record.h"
#include "lb/observe/stamp.h"

/* Appends the line without its line break; coloured, it has sequences of base/colour.h, and no others. */
void access_short_put(struct line *line, const struct record *record, const struct stamp *stamp,
                      bool is_coloured);

#endif
