/* Whether lb-discovery, which is to read Traefik's default rule, can read it. */
#ifndef LB_RUN_DEFAULT_RULE_H
#define LB_RUN_DEFAULT_RULE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Starts it to ask, if there is a rule, and waits for its answer; one that gives none in time, or is not
 * there, is told of elsewhere. Fails: false with its sentence. */
bool default_rule_check(const struct config *config, struct text *problem);

#endif
