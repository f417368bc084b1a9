#include "lb/tls/tls_distrust.h"

#include <openssl/ssl.h>
#include <time.h>

#include "lb/base/clock.h"
#include "lb/tls/tls_bio.h"
#include "lb/tls/tls_certificate.h"
#include "lb/tls/tls_session_state.h"

#define TOLD_NAMES_MAX 3u

static void append_names(X509 *certificate, struct text *out)
{
    struct arena arena = {0};
    struct text ignored = TEXT_INIT;
    struct view *names = NULL;
    unsigned count = 0;
    if (!tls_certificate_read_names(certificate, &arena, &names, &count, &ignored))
        count = 0;
    for (unsigned i = 0; i < count && i < TOLD_NAMES_MAX; i++) {
        text_append_str(out, i > 0 ? ", " : "");
        text_append(out, names[i]);
    }
    if (count > TOLD_NAMES_MAX)
        text_appendf(out, " and %u more", count - TOLD_NAMES_MAX);
    if (count == 0)
        text_append_str(out, "no name of a host");
    text_fini(&ignored);
    arena_fini(&arena);
}

static void append_issuer(X509 *certificate, struct text *out)
{
    struct arena arena = {0};
    struct text ignored = TEXT_INIT;
    struct tls_identity_facts facts = {0};
    if (tls_certificate_read_facts(certificate, &arena, &facts, &ignored) && facts.issuer.len > 0) {
        text_append_str(out, ", ");
        text_append(out, facts.issuer);
    }
    text_fini(&ignored);
    arena_fini(&arena);
}

static void append_time(const ASN1_TIME *time, struct text *out)
{
    char date[CLOCK_TEXT_BYTES];
    struct tm parts;
    if (ASN1_TIME_to_tm(time, &parts) == 1)
        text_append_str(out, clock_format_minute((int64_t)timegm(&parts), date));
}

/* For whom it was to be. */
static void append_wanted(const SSL *ssl, struct text *out)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    char *address = X509_VERIFY_PARAM_get1_ip_asc(SSL_get0_param((SSL *)(uintptr_t)ssl));
    text_append_str(out, name ? name : address ? address : "");
    OPENSSL_free(address);
}

/* At that depth of the chain: 0 is the server's own. */
static void describe(X509 *certificate, int error, int depth, const SSL *ssl, struct text *out)
{
    const char *whose = depth == 0 ? "its certificate" : "a certificate of its chain";
    text_append_str(out, whose);
    switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        text_append_str(out, " is for ");
        append_names(certificate, out);
        text_append_str(out, ", not ");
        append_wanted(ssl, out);
        return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        text_append_str(out, " is over since ");
        append_time(X509_get0_notAfter(certificate), out);
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        text_append_str(out, " is not valid before ");
        append_time(X509_get0_notBefore(certificate), out);
        return;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        text_append_str(out, " is signed by itself, and not by a CA that is trusted");
        return;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        text_append_str(out, " is signed by an unknown CA");
        append_issuer(certificate, out);
        return;
    default:
        text_appendf(out, " is not trusted: %s", X509_verify_cert_error_string(error));
    }
}

int tls_distrust_on_verdict(int is_good, X509_STORE_CTX *verifying)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(verifying, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_session *session = ssl ? tls_bio_session(ssl) : NULL;
    X509 *certificate = X509_STORE_CTX_get_current_cert(verifying);
    struct text sentence = TEXT_INIT;
    if (is_good || !session || !certificate)
        return is_good;
    describe(certificate, X509_STORE_CTX_get_error(verifying),
             X509_STORE_CTX_get_error_depth(verifying), ssl, &sentence);
    tls_session_note(session, "%s", text_str(&sentence));
    text_fini(&sentence);
    return is_good;
}
