/* One endpoint of the file of services. Pure. */
#ifndef DISCOVERY_FILE_FILE_ENDPOINT_H
#define DISCOVERY_FILE_FILE_ENDPOINT_H

#include "discovery/file/file_options.h"
#include "discovery/set.h"
#include "lb/base/address.h"

/* It stays where it is: `endpoint` borrows from it, and from its JSON. */
struct file_endpoint {
    struct set_endpoint endpoint;
    char address[ADDRESS_TEXT_BYTES]; /* normalised */
    /* "10.0.0.2:80", or "10.0.0.2:53/udp": the id when none is given. */
    char address_port[ADDRESS_TEXT_BYTES + sizeof("/udp")];
    struct file_options options;
};

/* Fills zeroed memory. `service` is its name, `protocol` and `options` what that says. Fails: false, and the place
 * has the problem. */
bool file_endpoint_read(const struct file_place *place, const json_t *json, const char *service,
                        const char *protocol, const struct file_options *options,
                        struct file_endpoint *out);

/* A protocol as a constant: `*out` stays what it was when the key is missing. */
bool file_endpoint_read_protocol(const struct file_place *place, const json_t *json,
                                 const char **out);

/* An optional name: `*out` stays what it was when the key is missing. */
bool file_endpoint_read_name(const struct file_place *place, const json_t *json, const char *key,
                             const char **out);

#endif
