#include "lb/tls/tls_problem.h"

#include <openssl/err.h>
#include <openssl/x509.h>

static const struct {
    int reason;
    const char *sentence;
} sentences[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL,
     "the peer does not offer TLS 1.2 or later, as the policy wants it"},
    {SSL_R_VERSION_TOO_LOW, "the peer does not offer TLS 1.2 or later, as the policy wants it"},
    {SSL_R_HTTP_REQUEST, "the client speaks HTTP without TLS on a port for TLS"},
    {SSL_R_HTTPS_PROXY_REQUEST, "the client speaks HTTP without TLS on a port for TLS"},
    {SSL_R_WRONG_VERSION_NUMBER, "what came is no TLS"},
    {SSL_R_UNEXPECTED_MESSAGE, "what came is no TLS"},
    {SSL_R_NO_SHARED_CIPHER, "the client offers no cipher that the policy allows"},
    {SSL_R_NO_SHARED_GROUPS, "the client offers no group (curve) that the policy allows"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, "the client offers no group (curve) that the policy allows"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
     "the client can verify no signature that the certificate's key makes"},
    {SSL_R_NO_RENEGOTIATION, "the peer wants to renegotiate"},
};

static const char *sentence_for(int reason)
{
    for (unsigned i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
        if (sentences[i].reason == reason)
            return sentences[i].sentence;
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
    const char *sentence = sentence_for(reason), *alert = alert_of(reason);
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
