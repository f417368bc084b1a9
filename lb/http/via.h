/* Via (RFC 9110 § 7.6.3) and loops. Every lb is "lb" there; one that is not the first names its
 * instance in a comment, by which it knows a request that has been here before. */
#ifndef LB_HTTP_VIA_H
#define LB_HTTP_VIA_H

#include "lb/http/head.h"
#include "lb/http/head_writer.h"

#define VIA_LINE_BYTES 32 /* what via_put appends at most */

/* Writes the line of this lb. */
void via_put(const struct head *head, uint32_t instance, struct head_writer *writer);

/* Whether the request was here before: Via has this instance, or more than one lb without a
 * comment, of which there is one in a chain of different ones. RFC 5842 § 7.2: 508. */
bool via_has_loop(const struct head *head, uint32_t instance);

#endif
