/* What an operator can do about a file of services that is of no use: a sentence for each cause.
 * Pure. */
#ifndef DISCOVERY_FILE_FILE_REMEDY_H
#define DISCOVERY_FILE_FILE_REMEDY_H

#include <stdbool.h>

#include "lb/base/text.h"

/* Appends what would change that the file cannot be read by this user (`os_error`), or not be used
 * (0); nothing when nothing is known to. */
void file_remedy_append(const char *path, int os_error, bool in_container, unsigned user,
                        struct text *out);

#endif
