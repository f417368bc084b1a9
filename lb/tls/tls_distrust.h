/* Why a server's certificate is not good, in a sentence for its operator. For lb/tls alone. Thread: worker. */
#ifndef LB_TLS_TLS_DISTRUST_H
#define LB_TLS_TLS_DISTRUST_H

#include <openssl/x509_vfy.h>

/* For SSL_CTX_set_verify, of sessions that are their connections' application data: the verdict stays as it is. */
int tls_distrust_on_verdict(int is_good, X509_STORE_CTX *verifying);

#endif
