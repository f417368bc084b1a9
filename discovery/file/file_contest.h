/* Routes of one file that are for the same requests, and do not do the same with them. Pure. */
#ifndef DISCOVERY_FILE_FILE_CONTEST_H
#define DISCOVERY_FILE_FILE_CONTEST_H

#include "discovery/file/file_place.h"
#include "discovery/file/file_route.h"

/* Remarks on each entry that one of another overrules, once, in the order of the file: one with a higher
 * priority, else the first one, as lb has it. `place` is that of all routes. */
void file_contest_tell(const struct file_place *place, const struct file_routes *routes);

#endif
