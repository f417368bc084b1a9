/* TLS for the measuring programs, by sockets that OpenSSL reads and writes itself: what cannot be had ends the program with a
 * message. */
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include <openssl/ssl.h>

/* With the certificate and key of one PEM file, tickets, and TLS 1.2 and 1.3. */
SSL_CTX *tls_server(const char *pem);

/* TLS 1.3, believing whoever answers. */
SSL_CTX *tls_client(void);

/* As recv(2) and send(2): 0 is the end, -1 with EAGAIN: later. Any other fault is the end, too. */
ssize_t tls_receive(SSL *tls, char *bytes, size_t room);
ssize_t tls_send(SSL *tls, const char *bytes, size_t len);

#endif
