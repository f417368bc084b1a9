/* Orders that outlast lb: the file of --state. Thread: control. */
#ifndef LB_FOLLOW_ORDERS_FILE_H
#define LB_FOLLOW_ORDERS_FILE_H

#include "lb/base/text.h"
#include "lb/follow/orders.h"

/* Adds the orders of the file; one that is not there yet has none. Fails: false, `problem` says
 * what is wrong and what to do; no order is taken then. */
bool orders_file_read(const char *path, struct orders *orders, struct text *problem);

/* Replaces the file as a whole, so that a crash leaves the old one or the new one, and waits until
 * it is on the disk. A link stays one; what is no regular file is not replaced. Fails: false,
 * `problem` likewise; the old file stays. */
bool orders_file_write(const char *path, const struct orders *orders, struct text *problem);

#endif
