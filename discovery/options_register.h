/* Of the options, what is registered, and how. Pure. */
#ifndef DISCOVERY_OPTIONS_REGISTER_H
#define DISCOVERY_OPTIONS_REGISTER_H

#include "discovery/option_set.h"
#include "discovery/option_walk.h"

/* Before the flags, which win. */
void options_register_begin(struct options *out);

/* All fail as option_walk.h says. */
bool options_register_url(struct option_walk *walk, struct options *out);
bool options_register_advertise(struct option_walk *walk, struct options *out);
bool options_register_internal(struct option_walk *walk, struct options *out);
bool options_register_explicit(struct option_walk *walk, struct options *out);
bool options_register_tags(struct option_walk *walk, struct options *out);
bool options_register_ttl(struct option_walk *walk, struct options *out);
bool options_register_deregister_after(struct option_walk *walk, struct options *out);
bool options_register_deregister(struct option_walk *walk, struct options *out);
bool options_register_cleanup(struct option_walk *walk, struct options *out);
bool options_register_name(struct option_walk *walk, struct options *out);
bool options_register_host_name(struct option_walk *walk, struct options *out);

/* After the flags: what they left open. */
bool options_register_finish(const struct options_environment *environment, struct options *out,
                             struct text *problem);

#endif
