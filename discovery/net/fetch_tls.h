/* How TLS to a server is spoken. */
#ifndef DISCOVERY_NET_FETCH_TLS_H
#define DISCOVERY_NET_FETCH_TLS_H

#include <stdbool.h>

/* Zeroed memory: with the certificates of the system's authorities. The strings are borrowed. */
struct fetch_tls {
    const char *ca_file,
        *ca_path; /* of the authorities that are trusted instead; NULL: the system's */
    const char *cert_file, *key_file; /* of this client; NULL: it shows none */
    const char *server_name;          /* that the certificate must be for; NULL: the URL's */
    bool is_unverified;               /* any certificate will do */
};

#endif
