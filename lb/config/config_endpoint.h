/* Addresses in settings: where lb listens, backends, Docker engines; pure. A refusal is appended to
 * `problem` as config_value does. Thread: any. */
#ifndef LB_CONFIG_CONFIG_ENDPOINT_H
#define LB_CONFIG_CONFIG_ENDPOINT_H

#include <stdbool.h>

#include "lb/base/address.h"
#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config.h"
#include "lb/config/config_table.h"

/* "IP:PORT", "[IPv6]:PORT", ":PORT" or "PORT", the last two on 0.0.0.0; port 0 means any free
 * one. Fails: false and a problem. */
bool config_endpoint_parse_listen(const struct config_setting *setting, struct view text,
                                  struct address *out, struct text *problem);

/* "HOST:PORT". Gives out->host, an IP in its canonical form, so that equal ones compare equal.
 * Fails: false and a problem. */
bool config_endpoint_parse_backend(const struct config_setting *setting, struct view text,
                                   struct config_backend *out, struct text *problem);

/* "unix:///PATH", "tcp://HOST:PORT" or "http://HOST:PORT". Fails: false and a problem. */
bool config_endpoint_check_docker(const struct config_setting *setting, struct view text,
                                  struct text *problem);

#endif
