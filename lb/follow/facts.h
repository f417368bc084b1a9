/* What the latest line of discovery tells of one container beside what routing needs: why this
 * service, port and address, and what its failing HEALTHCHECK said last (discovery/FORMAT.md). */
#ifndef LB_FOLLOW_FACTS_H
#define LB_FOLLOW_FACTS_H

#include "lb/base/address.h"
#include "lb/base/json_writer.h"
#include "lb/follow/membership.h"

struct facts {
    const char *service_from, *port_from, *address_from, *health; /* NULL: not told */
    unsigned port;                                                /* 0: not told */
    char address[ADDRESS_TEXT_BYTES];                             /* "ip:port", or "" */
};

/* Reads an endpoint or an entry of `left_out`, NULL for none. What is not as the format says counts
 * as not told. Borrowed from `object`. */
void facts_read(const json_t *object, struct facts *facts);

/* Appends " Address: … Port: … Service: …", what is told of it. `address` ("ip:port") and `service`
 * are what is known without the line, or NULL. */
void facts_append(const struct facts *facts, const char *address, const char *service,
                  struct text *out);

/* Writes what is told, as members of an object. */
void facts_write(const struct facts *facts, struct json_writer *json);

/* The endpoints of the line by id, as a JSON object. Gives: json_decref() it. */
json_t *facts_index(const struct membership *membership);

#endif
