/* Where lb speaks TLS with clients, and how. */
#ifndef LB_CONFIG_CONFIG_TLS_H
#define LB_CONFIG_CONFIG_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/address.h"

#define CONFIG_TICKET_KEY_BYTES 80u
#define CONFIG_TICKET_KEYS_MAX  3u
#define CONFIG_HANDSHAKES_USUAL "1000"

/* Mozilla's guideline for servers, version 6.0. */
enum config_tls_policy { CONFIG_TLS_INTERMEDIATE, CONFIG_TLS_MODERN };

struct config_tls {
    struct address *listens;
    unsigned listen_count;
    struct address *also; /* as those of config.h, where there is a certificate to show */
    unsigned also_count;
    enum config_tls_policy policy;
    unsigned handshake_timeout_ms;
    unsigned max_handshake_count; /* that run at a time, of all workers */
    char *ticket_keys_file;       /* NULL: none, they are random */
    char *ticket_keys;            /* what stands in it, newest first; NULL: none was given */
    size_t ticket_key_bytes;      /* of all of them */
    bool ticket_keys_are_exposed; /* others than its owner may read the file */
};

static inline bool config_tls_is_spoken(const struct config_tls *tls)
{
    return tls->listen_count + tls->also_count > 0;
}

#endif
