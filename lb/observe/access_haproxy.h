/* The form of the access log that haproxy's has: option httplog for requests, option tcplog for connections and
 * flows, and in braces what lb knows besides. */
#ifndef LB_OBSERVE_ACCESS_HAPROXY_H
#define LB_OBSERVE_ACCESS_HAPROXY_H

#include "lb/observe/line.h"
#include "lb/observe/record.h"
#include "lb/observe/stamp.h"

/* Appends one line without its line break. */
void access_haproxy_put(struct line *line, const struct record *record, const struct stamp *stamp);

#endif
