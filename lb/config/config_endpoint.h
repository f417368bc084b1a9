/* Addresses in settings: where lb listens, and servers; pure. Gives NULL, or what is wrong. Thread:
 * any. */
#ifndef LB_CONFIG_CONFIG_ENDPOINT_H
#define LB_CONFIG_CONFIG_ENDPOINT_H

#include "lb/base/address.h"
#include "lb/base/view.h"
#include "lb/config/config.h"

/* "IP:PORT", "[IPv6]:PORT", ":PORT" or "PORT", the last two on `default_host`; port 0 means any
 * free one. */
const char *config_endpoint_parse_listen(struct view text, struct view default_host,
                                         struct address *out);

/* "HOST:PORT". Gives out->host, an IP in its canonical form, so that equal ones compare equal. */
const char *config_endpoint_parse_server(struct view text, struct config_backend *out);

/* "[SERVICE=][tcp://|udp://]HOST:PORT". Gives out->host likewise, and out->service. */
const char *config_endpoint_parse_backend(struct view text, struct config_backend *out);

#endif
