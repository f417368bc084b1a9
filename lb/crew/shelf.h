/* What lies in a directory of the operator's: read once, into a library. Thread: control. */
#ifndef LB_CREW_SHELF_H
#define LB_CREW_SHELF_H

#include "lb/policy/library.h"

#define SHELF_FILES_MAX  1024u
#define SHELF_PAGE_BYTES 65536u
#define SHELF_PEM_BYTES                                                                            \
    1048576u /* the certificates of all well-known authorities are a quarter of it */

/* A number for how it looks: names, sizes, times; of the folders in it, too. 0: it cannot be read. */
uint64_t shelf_look(const char *path);

/* The users of all files in it, or of none where `path` is NULL. Told in the log: what cannot be used. */
void shelf_read_users(const char *path, struct library *library);

/* The pages of all folders in it: 503.html, 5xx.json, 404.txt and so on. */
void shelf_read_pages(const char *path, struct library *library);

/* All files of certificates in it; those that are too large or cannot be read are left out. */
void shelf_read_pems(const char *path, struct library *library);

#endif
