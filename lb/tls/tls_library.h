/* Which OpenSSL it is. Thread: any. */
#ifndef LB_TLS_TLS_LIBRARY_H
#define LB_TLS_TLS_LIBRARY_H

/* "3.0.19", of the one that runs. Static. */
const char *tls_library_version(void);

#endif
