#include "lb/tls/tls_facts.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#define SUBJECT_BYTES_MAX 1024u

/* RFC 2253 with all that is no plain ASCII escaped. */
static void append_subject(struct text *out, X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    if (!bio)
        return;
    if (X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0) {
        long len = BIO_get_mem_data(bio, &bytes);
        if (len > 0)
            text_append(out, view_of(bytes, (size_t)len < SUBJECT_BYTES_MAX ? (size_t)len
                                                                            : SUBJECT_BYTES_MAX));
    }
    BIO_free(bio);
}

static void append_fingerprint(struct text *out, X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &len) == 1)
        for (unsigned i = 0; i < len; i++)
            text_appendf(out, "%02x", digest[i]);
}

/* The part of `words` from `start` on, which is a place in it until all are there. */
static struct view part(const struct text *words, size_t start, size_t end)
{
    return end > start ? view_of(words->bytes + start, end - start) : view_of(NULL, 0);
}

/* A ticket has the verdict of when it was given, and the next one has it of that: only the time goes on. */
static long verdict_of(SSL *ssl, const X509 *certificate)
{
    long verdict = SSL_get_verify_result(ssl);
    bool is_over = verdict == X509_V_OK && SSL_session_reused(ssl) == 1 &&
                   X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
    return is_over ? X509_V_ERR_CERT_HAS_EXPIRED : verdict;
}

static struct view words_of(long verdict)
{
    if (verdict == X509_V_ERR_CRL_HAS_EXPIRED)
        return VIEW("the revocation list is over; put a newer one in its place");
    return view_str(X509_verify_cert_error_string(verdict));
}

static void fill_client(struct tls_session *session)
{
    struct tls_session_facts *facts = &session->facts;
    X509 *certificate = SSL_get0_peer_certificate(session->ssl);
    facts->client = TLS_CLIENT_NONE;
    if (!certificate)
        return;
    long verdict = verdict_of(session->ssl, certificate);
    append_subject(&session->words, certificate);
    size_t subject_end = session->words.len;
    append_fingerprint(&session->words, certificate);
    size_t fingerprint_end = session->words.len;
    facts->client = verdict == X509_V_OK ? TLS_CLIENT_VALID : TLS_CLIENT_INVALID;
    if (verdict != X509_V_OK)
        facts->client_problem = words_of(verdict);
    facts->client_subject = part(&session->words, 0, subject_end);
    facts->client_fingerprint = part(&session->words, subject_end, fingerprint_end);
}

void tls_facts_fill(struct tls_session *session)
{
    struct tls_session_facts *facts = &session->facts;
    SSL *ssl = session->ssl;
    int group = (int)SSL_get_negotiated_group(ssl);
    facts->protocol = view_str(SSL_get_version(ssl));
    facts->cipher = view_str(SSL_get_cipher_name(ssl));
    facts->group = view_str(group > 0 ? SSL_group_to_name(ssl, group) : NULL);
    facts->is_resumed = SSL_session_reused(ssl) == 1;
    if (session->client_ca)
        fill_client(session);
    ERR_clear_error();
}
