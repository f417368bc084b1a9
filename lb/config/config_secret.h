/* The token of the admin listener, given itself or in a file, the secret of sticky services, Sentry's DSN, and the keys of TLS
 * tickets. */
#ifndef LB_CONFIG_CONFIG_SECRET_H
#define LB_CONFIG_CONFIG_SECRET_H

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Fills config->admin_secret from --admin-token or from the file of --admin-token-file, config->sticky_secret from that of
 * --sticky-secret, config->report.dsn_secret and config->tls.ticket_keys likewise; white space at the end of a text does not count. Fails: false and a
 * problem, which never repeats what is secret. */
bool config_secret_read(struct config *config, struct text *problem);

#endif
