/* Regular expressions for the texts that settings take, in the subset that JSON Schema recommends
 * (2020-12 § 6.4) and POSIX calls extended. All append to `out`, without anchors, as one item that
 * can be repeated or follow another. Pure. Thread: any. */
#ifndef LB_CONFIG_CONFIG_PATTERN_H
#define LB_CONFIG_CONFIG_PATTERN_H

#include <stdint.h>

#include "lb/base/text.h"

/* The decimal numbers from `low` to `high`, without leading zeros. */
void config_pattern_append_range(uint64_t low, uint64_t high, struct text *out);

/* Addresses as inet_pton() takes them, without brackets. */
void config_pattern_append_ipv4(struct text *out);
void config_pattern_append_ipv6(struct text *out);

#endif
