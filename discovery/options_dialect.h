/* Of the options, what the dialects are told. Pure. */
#ifndef DISCOVERY_OPTIONS_DIALECT_H
#define DISCOVERY_OPTIONS_DIALECT_H

#include "discovery/option_set.h"
#include "discovery/option_walk.h"

/* All fail as option_walk.h says. */
bool options_dialect_list(struct option_walk *walk, struct options *out);
bool options_dialect_require_label(struct option_walk *walk, struct options *out);
bool options_dialect_exposed(struct option_walk *walk, struct options *out);
bool options_dialect_default_rule(struct option_walk *walk, struct options *out);

/* Before the flags, which win. */
bool options_dialect_begin(const struct options_environment *environment, struct options *out,
                           struct text *problem);

#endif
