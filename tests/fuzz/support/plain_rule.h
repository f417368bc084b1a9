/* Whether a rule of Traefik holds, read anew and without a tree. Shares with lb only what single
 * matchers mean. */
#ifndef TESTS_FUZZ_SUPPORT_PLAIN_RULE_H
#define TESTS_FUZZ_SUPPORT_PLAIN_RULE_H

#include "discovery/dialect/traefik_matcher.h"

/* The rule is one that lb takes. `holds` tells of each of its matchers, for `asked`. */
bool plain_rule_holds(struct view rule,
                      bool (*holds)(const struct traefik_condition *condition, const void *asked),
                      const void *asked);

#endif
