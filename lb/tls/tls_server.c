#include "lb/tls/tls_server.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/tls/tls_bio.h"
#include "lb/tls/tls_client_ca_state.h"
#include "lb/tls/tls_hello.h"
#include "lb/tls/tls_identity_state.h"
#include "lb/tls/tls_policy.h"
#include "lb/tls/tls_server_state.h"
#include "lb/tls/tls_tickets.h"
#include "lb/tls/tls_tickets_state.h"

struct tls_server {
    struct tls_server_options options;
    SSL_CTX *context;
    BIO_METHOD *method;
    unsigned session_count;
    bool is_free; /* it goes with its last session */
};

/* ---- what a ClientHello leads to ---------------------------------------------------------------- */

/* A ticket is good only where the same CAs, with the same revocations, judge clients. */
static bool set_context(SSL *ssl, const struct tls_session *session)
{
    unsigned char context[SSL_MAX_SID_CTX_LENGTH] = {0};
    if (session->client_ca)
        memcpy(context, session->client_ca->digest, sizeof(context));
    return SSL_set_session_id_context(ssl, context, sizeof(context)) == 1;
}

/* The handshake goes on whatever is found: the verdict is a fact. The first one stays: the chain is looked at before the
 * revocation lists, and there is none for a CA that is not known. */
static int on_verify(int is_good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_session *session = ssl ? tls_bio_session(ssl) : NULL;
    if (!session)
        return is_good;
    if (!is_good && session->client_verdict == X509_V_OK)
        session->client_verdict = X509_STORE_CTX_get_error(store);
    if (session->client_verdict != X509_V_OK)
        X509_STORE_CTX_set_error(store, session->client_verdict);
    return 1;
}

static bool ask_for_certificate(SSL *ssl, const struct tls_client_ca *ca)
{
    SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, on_verify);
    STACK_OF(X509_NAME) *names = SSL_dup_CA_list(ca->names);
    if (!names)
        return false;
    SSL_set_client_CA_list(ssl, names);
    return SSL_set1_verify_cert_store(ssl, ca->store) == 1;
}

static bool take(SSL *ssl, struct tls_session *session, const struct tls_choice *choice)
{
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++)
        if (choice->host->identities[i])
            session->identities[i] = tls_identity_ref(choice->host->identities[i]);
    if (choice->client_ca)
        session->client_ca = tls_client_ca_ref(choice->client_ca);
    return set_context(ssl, session) &&
           (!session->client_ca || ask_for_certificate(ssl, session->client_ca));
}

/* Gives the alert; 0: none. */
static int choose_challenge(SSL *ssl, struct tls_session *session, struct view name)
{
    const struct tls_server_options *options = &session->server->options;
    session->facts.is_challenge = true;
    if (options->find_challenge)
        session->challenge = options->find_challenge(options->owner, name);
    if (!session->challenge) {
        tls_session_note(session, "no TLS-ALPN-01 challenge is waited for by the name \"%.*s\"",
                         (int)name.len, name.ptr);
        tls_session_note_kind(session, TLS_FAILURE_PROTOCOL);
        return SSL_AD_NO_APPLICATION_PROTOCOL;
    }
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl, 0);
    return set_context(ssl, session) ? 0 : SSL_AD_INTERNAL_ERROR;
}

static int choose_host(SSL *ssl, struct tls_session *session, struct view name)
{
    const struct tls_server_options *options = &session->server->options;
    struct tls_choice choice = {0};
    if (options->choose)
        choice = options->choose(options->owner, name);
    if (choice.host)
        return take(ssl, session, &choice) ? 0 : SSL_AD_INTERNAL_ERROR;
    if (name.len > 0)
        tls_session_note(session, "there is no certificate for the name \"%.*s\"", (int)name.len,
                         name.ptr);
    else
        tls_session_note(session, "the client names no host, and there is no default certificate");
    tls_session_note_kind(session, TLS_FAILURE_NAME);
    return SSL_AD_UNRECOGNIZED_NAME;
}

static int choose(SSL *ssl, struct tls_session *session)
{
    struct tls_hello hello;
    if (!tls_hello_read(ssl, &hello)) {
        tls_session_note(session, "the client asks for a name that no host can have");
        tls_session_note_kind(session, TLS_FAILURE_NAME);
        return SSL_AD_UNRECOGNIZED_NAME;
    }
    struct view name = view_of(hello.name, hello.name_len);
    if (session->is_chosen) /* after a HelloRetryRequest all is as before (RFC 8446 § 4.1.2) */
        return view_eq(name, session->facts.server_name) ? 0 : SSL_AD_ILLEGAL_PARAMETER;
    session->is_chosen = true;
    if (name.len > 0) {
        session->server_name = memory_copy(name.ptr, name.len);
        session->facts.server_name = view_of(session->server_name, name.len);
    }
    return hello.is_challenge ? choose_challenge(ssl, session, name)
                              : choose_host(ssl, session, name);
}

static int on_hello(SSL *ssl, int *alert, void *unused)
{
    (void)unused;
    *alert = choose(ssl, tls_bio_session(ssl));
    return *alert == 0 ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

/* That the name was taken is acknowledged, and remembered in tickets. */
static int on_server_name(SSL *ssl, int *alert, void *unused)
{
    (void)ssl, (void)alert, (void)unused;
    return SSL_TLSEXT_ERR_OK;
}

static bool use(SSL *ssl, const struct tls_identity *identity)
{
    return identity &&
           SSL_use_cert_and_key(ssl, identity->certificate, identity->key, identity->chain, 1) == 1;
}

/* Not called where a ticket was taken. */
static int on_certificate(SSL *ssl, void *unused)
{
    struct tls_session *session = tls_bio_session(ssl);
    bool has_any = use(ssl, session->challenge);
    (void)unused;
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++)
        has_any = use(ssl, session->identities[i]) || has_any;
    if (!has_any)
        tls_session_note(session, "OpenSSL does not take the certificate: %s",
                         ERR_reason_error_string(ERR_peek_last_error()));
    else
        ERR_clear_error();
    return has_any;
}

static bool offers(const unsigned char *list, unsigned list_len, struct view protocol)
{
    struct view rest = view_of((const char *)list, list_len);
    while (rest.len > 0) {
        size_t len = (unsigned char)rest.ptr[0];
        rest = view_skip(rest, 1);
        if (len > rest.len)
            return false;
        if (view_eq(view_of(rest.ptr, len), protocol))
            return true;
        rest = view_skip(rest, len);
    }
    return false;
}

static int on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                        const unsigned char *list, unsigned list_len, void *unused)
{
    struct tls_session *session = tls_bio_session(ssl);
    struct view protocol = session->challenge ? VIEW("acme-tls/1") : VIEW("http/1.1");
    (void)unused;
    if (!offers(list, list_len, protocol)) {
        tls_session_note(session, "the client does not offer to speak HTTP/1.1");
        tls_session_note_kind(session, TLS_FAILURE_PROTOCOL);
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = (const unsigned char *)protocol.ptr;
    *out_len = (unsigned char)protocol.len;
    return SSL_TLSEXT_ERR_OK;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int seals)
{
    struct tls_session *session = tls_bio_session(ssl);
    struct tls_tickets *tickets = session->server->options.tickets;
    if (!tickets)
        return TLS_TICKETS_UNKNOWN;
    return tls_tickets_choose(tickets, name, iv, cipher, mac, seals,
                              SSL_version(ssl) == TLS1_3_VERSION);
}

/* ---- its life ----------------------------------------------------------------------------------- */

static bool set_up(struct tls_server *server)
{
    SSL_CTX *context = server->context;
    SSL_CTX_set_client_hello_cb(context, on_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
    SSL_CTX_set_cert_cb(context, on_certificate, NULL);
    SSL_CTX_set_alpn_select_cb(context, on_protocols, NULL);
    SSL_CTX_set_num_tickets(context, server->options.tickets ? 1 : 0);
    if (server->options.tickets)
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
    else
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_timeout(context, 2 * TLS_TICKETS_ROTATION_S);
    return tls_policy_apply(context, server->options.policy);
}

static void destroy(struct tls_server *server)
{
    SSL_CTX_free(server->context);
    BIO_meth_free(server->method);
    free(server);
}

struct tls_server *tls_server_new(const struct tls_server_options *options, struct text *problem)
{
    struct tls_server *server = memory_new(sizeof(*server));
    server->options = *options;
    server->method = tls_bio_method_new();
    server->context = SSL_CTX_new(TLS_server_method());
    if (server->method && server->context && set_up(server))
        return server;
    text_appendf(problem,
                 "OpenSSL %s cannot serve TLS by the policy: %s; use the OpenSSL of the system, "
                 "3.0 or later",
                 OpenSSL_version(OPENSSL_VERSION_STRING),
                 ERR_reason_error_string(ERR_peek_last_error()));
    ERR_clear_error();
    destroy(server);
    return NULL;
}

void tls_server_free(struct tls_server *server)
{
    if (!server)
        return;
    server->is_free = true;
    server->options.choose = NULL;
    server->options.find_challenge = NULL;
    server->options.tickets = NULL;
    if (server->session_count == 0)
        destroy(server);
}

bool tls_server_enter(struct tls_server *server, struct tls_session *session)
{
    session->ssl = SSL_new(server->context);
    if (!session->ssl || !tls_bio_attach(session, server->method))
        return false;
    SSL_set_accept_state(session->ssl);
    server->session_count++;
    return true;
}

void tls_server_leave(struct tls_server *server)
{
    server->session_count--;
    if (server->is_free && server->session_count == 0)
        destroy(server);
}
