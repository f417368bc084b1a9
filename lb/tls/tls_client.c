#include "lb/tls/tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/tls/tls_bio.h"
#include "lb/tls/tls_client_state.h"
#include "lb/tls/tls_distrust.h"
#include "lb/tls/tls_identity_state.h"

/* Peers whose session is remembered. Two that fall on one place take turns. */
#define REMEMBERED_COUNT 256u

struct remembered {
    SSL_SESSION *session;
    uint64_t peer;
};

struct tls_client {
    atomic_uint ref_count;
    SSL_CTX *context;
    BIO_METHOD *method;
    char *name; /* NULL: none is asked for and none verified */
    bool is_address;
    bool verifies;
    struct remembered remembered[REMEMBERED_COUNT];
};

/* ---- sessions that are taken up again ------------------------------------------------------------ */

static struct remembered *place_of(struct tls_client *client, uint64_t peer)
{
    return &client->remembered[hash_mix(peer) % REMEMBERED_COUNT];
}

/* A ticket came: the newest one is taken, as RFC 8446 § C.4 would have it. */
static int on_session(SSL *ssl, SSL_SESSION *fresh)
{
    struct tls_session *session = tls_bio_session(ssl);
    struct remembered *place = place_of(session->client, session->peer);
    SSL_SESSION_free(place->session);
    place->session = fresh;
    place->peer = session->peer;
    return 1; /* it is ours now */
}

void tls_client_shaken(struct tls_session *session)
{
    SSL *ssl = session->ssl;
    if (SSL_version(ssl) == TLS1_2_VERSION && SSL_session_reused(ssl) &&
        SSL_get0_session(ssl) != place_of(session->client, session->peer)->session)
        on_session(ssl, SSL_get1_session(ssl));
}

static void take_up(struct tls_client *client, struct tls_session *session)
{
    struct remembered *place = place_of(client, session->peer);
    if (place->session && place->peer == session->peer && SSL_SESSION_is_resumable(place->session))
        SSL_set_session(session->ssl, place->session);
}

/* ---- its life ----------------------------------------------------------------------------------- */

static bool trust(struct tls_client *client, struct view pem)
{
    X509_STORE *store = SSL_CTX_get_cert_store(client->context);
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    unsigned count = 0;
    X509 *certificate;
    while (bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        count += X509_STORE_add_cert(store, certificate) == 1;
        X509_free(certificate);
    }
    bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    BIO_free(bio);
    ERR_clear_error();
    return count > 0 && is_whole;
}

static bool trust_whom_it_should(struct tls_client *client, struct view ca, struct text *problem)
{
    if (!client->verifies)
        return true;
    if (ca.len == 0 && SSL_CTX_set_default_verify_paths(client->context) == 1)
        return true;
    if (ca.len > 0 && ca.len <= (1u << 24) && trust(client, ca))
        return true;
    text_append_str(problem,
                    ca.len == 0
                        ? "the system's certificates of CAs cannot be read; install ca-certificates"
                        : "no certificates of CAs can be read from it; it must be PEM, and whole");
    return false;
}

/* The context has its own references then. */
static bool show_who_it_is(struct tls_client *client, struct view pem, struct text *problem)
{
    if (pem.len == 0)
        return true;
    struct tls_identity *identity =
        tls_identity_read(pem, VIEW(""), (int64_t)(clock_wall_ns() / 1000000000u), problem);
    bool is_used = identity && SSL_CTX_use_cert_and_key(client->context, identity->certificate,
                                                        identity->key, identity->chain, 1) == 1;
    if (identity && !is_used)
        text_append_str(problem, "OpenSSL does not take the certificate and its key");
    tls_identity_unref(identity);
    return is_used;
}

static bool set_up(struct tls_client *client)
{
    SSL_CTX *context = client->context;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_session);
    SSL_CTX_set_verify(context, client->verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       client->verifies ? tls_distrust_on_verdict : NULL);
    X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x08http/1.1", 9) == 0;
}

static bool is_address(const char *name)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != NULL;
}

struct tls_client *tls_client_new(const struct tls_client_options *options, struct text *problem)
{
    struct tls_client *client = memory_new(sizeof(*client));
    atomic_init(&client->ref_count, 1);
    client->verifies = options->verifies;
    if (options->name.len > 0) {
        client->name = memory_copy(options->name.ptr, options->name.len);
        client->is_address = is_address(client->name);
    }
    client->method = tls_bio_method_new();
    client->context = SSL_CTX_new(TLS_client_method());
    if (!client->method || !client->context || !set_up(client))
        text_append_str(problem,
                        "OpenSSL cannot speak TLS; use the OpenSSL of the system, 3.0 or later");
    else if (trust_whom_it_should(client, options->ca, problem) &&
             show_who_it_is(client, options->identity, problem))
        return client;
    ERR_clear_error();
    tls_client_unref(client);
    return NULL;
}

struct tls_client *tls_client_ref(struct tls_client *client)
{
    atomic_fetch_add_explicit(&client->ref_count, 1, memory_order_relaxed);
    return client;
}

void tls_client_unref(struct tls_client *client)
{
    if (!client || atomic_fetch_sub_explicit(&client->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < REMEMBERED_COUNT; i++)
        SSL_SESSION_free(client->remembered[i].session);
    SSL_CTX_free(client->context);
    BIO_meth_free(client->method);
    free(client->name);
    free(client);
}

/* An address is compared, and not asked for (RFC 6066 § 3). */
static bool ask_for_name(const struct tls_client *client, SSL *ssl)
{
    X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);
    if (!client->name)
        return true;
    if (client->is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(wanted, client->name) == 1;
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(ssl, client->name) == 1 &&
           X509_VERIFY_PARAM_set1_host(wanted, client->name, 0) == 1;
}

bool tls_client_enter(struct tls_client *client, struct tls_session *session, struct view peer)
{
    session->ssl = SSL_new(client->context);
    if (!session->ssl || !tls_bio_attach(session, client->method) ||
        !ask_for_name(client, session->ssl))
        return false;
    SSL_set_connect_state(session->ssl);
    session->peer = hash_view(HASH_INIT, peer);
    take_up(client, session);
    return true;
}
