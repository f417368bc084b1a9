/* The file source: reads the file of services, and again whenever it changes. A file that cannot
 * be used leaves the last good state as it was. Nothing is read before the first tick, which looks
 * at what happened in the folder, and once a second at the file itself. */
#ifndef DISCOVERY_FILE_FILE_WATCH_H
#define DISCOVERY_FILE_FILE_WATCH_H

#include <stdbool.h>

#include "discovery/source.h"

/* Its options. */
struct file_watch_options {
    const char *path;
    bool has_company; /* other sources have services, too */
};

extern const struct source_kind file_watch_source;

/* The whole file, as it is now. Fails: false, with errno; EFBIG when it is too large. */
bool file_watch_read(const char *path, struct text *out);

#endif
