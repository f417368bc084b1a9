/* The certificates that the file of services wishes for: those that it lists, and those of routes with "tls":"auto". Pure. */
#ifndef DISCOVERY_FILE_FILE_CERTIFICATES_H
#define DISCOVERY_FILE_FILE_CERTIFICATES_H

#include <jansson.h>

#include "discovery/file/file_place.h"
#include "lb/base/arena.h"
#include "lb/contract/certificate_wish.h"
#include "lb/contract/route.h"

/* Zeroed memory is empty. */
struct file_certificates {
    struct certificate_wish *items;
    size_t count, capacity;
    struct arena arena;
};

/* Reads the array, or NULL. Fails: false, and the place has the problem. */
bool file_certificates_read(const struct file_place *place, const json_t *json,
                            struct file_certificates *out);

/* Reads the word `tls` of the route at that place, which has become those routes: a certificate for their hosts. Fails: as
 * above. */
bool file_certificates_read_route(const struct file_place *place, const json_t *json,
                                  const struct route *routes, size_t count,
                                  struct file_certificates *out);

/* Once all are read: each name stays where it stands first. */
void file_certificates_settle(struct file_certificates *certificates);

void file_certificates_fini(struct file_certificates *certificates);

#endif
