/* The JSON form of the access log: nested objects named as in ECS 8 where it has a name, and "lb"
 * for the rest. What is not known is left out. ACCESS_LOG.md tells every key. */
#ifndef LB_OBSERVE_ACCESS_JSON_H
#define LB_OBSERVE_ACCESS_JSON_H

#include "lb/observe/line.h"
#include "lb/observe/record.h"
#include "lb/observe/stamp.h"

/* Appends one object, without a line break. */
void access_json_put(struct line *line, const struct record *record, const struct stamp *stamp);

#endif
