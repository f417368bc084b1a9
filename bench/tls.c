#include "bench/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "%s: ", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static SSL_CTX *context(const SSL_METHOD *method, int version)
{
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes as write(2) does */
    SSL_CTX *tls = SSL_CTX_new(method);
    check(tls && SSL_CTX_set_min_proto_version(tls, version), "TLS");
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls, 1);
    return tls;
}

SSL_CTX *tls_server(const char *pem)
{
    SSL_CTX *tls = context(TLS_server_method(), TLS1_2_VERSION);
    check(SSL_CTX_use_certificate_chain_file(tls, pem) == 1, pem);
    check(SSL_CTX_use_PrivateKey_file(tls, pem, SSL_FILETYPE_PEM) == 1, pem);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(tls, 1);
    return tls;
}

SSL_CTX *tls_client(void)
{
    return context(TLS_client_method(), TLS1_3_VERSION);
}

static ssize_t result(SSL *tls, int rc)
{
    int error = SSL_get_error(tls, rc);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return 0;
    errno = EAGAIN;
    return -1;
}

ssize_t tls_receive(SSL *tls, char *bytes, size_t room)
{
    ERR_clear_error();
    int rc = SSL_read(tls, bytes, (int)room);
    return rc > 0 ? rc : result(tls, rc);
}

ssize_t tls_send(SSL *tls, const char *bytes, size_t len)
{
    ERR_clear_error();
    int rc = SSL_write(tls, bytes, (int)len);
    return rc > 0 ? rc : result(tls, rc);
}
