/* Small files as a whole: read with a bound, and written so that a reader finds the old one or the new one, whatever happens. */
#ifndef ACME_DISK_H
#define ACME_DISK_H

#include "lb/base/text.h"

#define DISK_PATH_BYTES 1024u

/* Gives what stands in it, in place of what `out` has. Fails: false with errno (EFBIG: longer than `bytes_max`; EINVAL: no
 * regular file). */
bool disk_read(const char *path, size_t bytes_max, struct text *out);

/* In place of a file of that name, by a new one that takes its name: for its owner alone (0600), and on the disk when it is
 * there. Fails: false with errno. */
bool disk_write(const char *folder, const char *name, struct view bytes);

/* 0700; one that is there is fine. Fails: false with errno. */
bool disk_make_folder(const char *path);

/* "FOLDER/NAME". Fails: false with ENAMETOOLONG. */
bool disk_join(char out[DISK_PATH_BYTES], const char *folder, const char *name);

/* Whether what is written there ends with a container or with the machine: a layer of a container, or memory. Gives the word for
 * it, NULL: it is a disk as far as can be told. */
const char *disk_is_fleeting(const char *path);

#endif
