#include "lb/tls/tls_problem.h"

#include <openssl/err.h>
#include <openssl/x509.h>

static const struct {
    int reason;
    enum tls_failure failure;
    const char *sentence;
} sentences[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, TLS_FAILURE_VERSION,
     "the peer does not offer TLS 1.2 or later, as the policy wants it"},
    {SSL_R_VERSION_TOO_LOW, TLS_FAILURE_VERSION,
     "the peer does not offer TLS 1.2 or later, as the policy wants it"},
    {SSL_R_HTTP_REQUEST, TLS_FAILURE_HTTP, "the client speaks HTTP without TLS on a port for TLS"},
    {SSL_R_HTTPS_PROXY_REQUEST, TLS_FAILURE_HTTP,
     "the client speaks HTTP without TLS on a port for TLS"},
    {SSL_R_WRONG_VERSION_NUMBER, TLS_FAILURE_NO_TLS, "what came is no TLS"},
    {SSL_R_UNEXPECTED_MESSAGE, TLS_FAILURE_NO_TLS, "what came is no TLS"},
    {SSL_R_NO_SHARED_CIPHER, TLS_FAILURE_CIPHER,
     "the client offers no cipher that the policy allows"},
    {SSL_R_NO_SHARED_GROUPS, TLS_FAILURE_CIPHER,
     "the client offers no group (curve) that the policy allows"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, TLS_FAILURE_CIPHER,
     "the client offers no group (curve) that the policy allows"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, TLS_FAILURE_CIPHER,
     "the client can verify no signature that the certificate's key makes"},
    {SSL_R_NO_RENEGOTIATION, TLS_FAILURE_OTHER, "the peer wants to renegotiate"},
};

static const char *sentence_for(int reason, enum tls_failure *failure)
{
    for (unsigned i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        if (sentences[i].reason != reason)
            continue;
        *failure = sentences[i].failure;
        return sentences[i].sentence;
    }
    return NULL;
}

/* Reasons of alerts that came are their numbers and this. */
static const char *alert_of(int reason)
{
    int alert = reason - SSL_AD_REASON_OFFSET;
    return alert >= 0 && alert < 256 ? SSL_alert_desc_string_long(alert) : NULL;
}

static void note_certificate(struct tls_session *session)
{
    long verdict = SSL_get_verify_result(session->ssl);
    tls_session_note(session, "its certificate is not trusted: %s",
                     X509_verify_cert_error_string(verdict));
}

void tls_problem_note(struct tls_session *session)
{
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_REASON(error);
    enum tls_failure failure = TLS_FAILURE_OTHER;
    const char *sentence = sentence_for(reason, &failure), *alert = alert_of(reason);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && !sentence && alert)
        failure = TLS_FAILURE_REFUSED;
    tls_session_note_kind(session, failure);
    if (ERR_GET_LIB(error) != ERR_LIB_SSL)
        tls_session_note(session, "OpenSSL failed: %s", ERR_reason_error_string(error));
    else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
        note_certificate(session);
    else if (sentence)
        tls_session_note(session, "%s", sentence);
    else if (alert)
        tls_session_note(session, "the peer refused, by the alert \"%s\"", alert);
    else
        tls_session_note(session, "TLS failed: %s", ERR_reason_error_string(error));
}
