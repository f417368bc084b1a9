/* The ends of a session at its wire, as OpenSSL knows them: what it reads comes from the wire, asked once in a call, and what it
 * writes is gathered to go out together. It never hears of the wire's end, which would keep it from writing. For lb/tls
 * alone. Thread: worker. */
#ifndef LB_TLS_TLS_BIO_H
#define LB_TLS_TLS_BIO_H

#include "lb/tls/tls_session_state.h"

/* Gives. NULL: out of memory. */
BIO_METHOD *tls_bio_method_new(void);

/* Gives session->ssl its two ends. False: out of memory. */
bool tls_bio_attach(struct tls_session *session, const BIO_METHOD *method);

/* Whose ends these are: what OpenSSL calls back with. */
static inline struct tls_session *tls_bio_session(const SSL *ssl)
{
    return BIO_get_data(SSL_get_rbio(ssl));
}

/* Around each call of OpenSSL: its queue of errors is empty then; and what it left for the wire is sent, what it
 * has not taken is kept. */
void tls_bio_begin(struct tls_session *session);
void tls_bio_finish(struct tls_session *session);

/* As if it had come just now. */
void tls_bio_feed(struct tls_session *session, struct view bytes);

/* What is kept goes. */
void tls_bio_forget(struct tls_session *session);

#endif
