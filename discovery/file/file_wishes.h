/* What an entry of the file asks for by the options of lb/contract/route_option.h and service_option.h:
 * the words stand in it, or in an object "options", as lines have them. Pure. */
#ifndef DISCOVERY_FILE_FILE_WISHES_H
#define DISCOVERY_FILE_FILE_WISHES_H

#include <jansson.h>

#include "discovery/file/file_place.h"
#include "lb/base/arena.h"
#include "lb/contract/route.h"
#include "lb/contract/service_option.h"

/* Gives the route its options and its shares; `arena` keeps what is not in the JSON. `has_unknown` is
 * set, and it is told, where there is a word that is not known. Fails: false, and the place has the
 * problem. */
bool file_wishes_read_route(const struct file_place *place, const json_t *json, struct arena *arena,
                            struct route *out, bool *has_unknown);

/* The same for a service, where a word that is not known does nothing. */
bool file_wishes_read_service(const struct file_place *place, const json_t *json,
                              struct arena *arena, struct service_options *out);

#endif
