/* Certificates for tests, made in memory: PEM of a certificate and of its key. */
#ifndef TESTS_UNIT_SUPPORT_MADE_CERTIFICATE_H
#define TESTS_UNIT_SUPPORT_MADE_CERTIFICATE_H

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "lb/base/text.h"

#define MADE_DAY_S INT64_C(86400)

struct made_wish {
    const char *subject; /* the common name; NULL: none */
    const char *names; /* as a subjectAltName of a config: "DNS:a.test,DNS:*.a.test"; NULL: none */
    int rsa_bits;      /* 0: ECDSA */
    const char *curve; /* NULL: P-256 */
    int64_t begins_s, ends_s; /* from now; both 0: for 90 days */
    bool is_ca;
    const struct made_certificate *issuer; /* NULL: signed by itself */
    const EVP_MD *digest;                  /* NULL: SHA-256 */
};

struct made_certificate {
    X509 *certificate;
    EVP_PKEY *key;
    struct text pem, key_pem;
};

static inline void made_certificate_text(BIO *bio, struct text *out)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    text_clear(out);
    text_append(out, view_of(bytes, (size_t)len));
    BIO_free(bio);
}

static inline void made_certificate_extend(X509 *certificate, X509 *issuer, int id,
                                           const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    if (!extension)
        abort();
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static inline struct made_certificate made_certificate_new(struct made_wish wish)
{
    static long serial = 1;
    struct made_certificate made = {.certificate = X509_new()};
    made.key = wish.rsa_bits > 0 ? EVP_RSA_gen((unsigned)wish.rsa_bits)
                                 : EVP_EC_gen(wish.curve ? wish.curve : "P-256");
    if (!made.key || !made.certificate)
        abort();
    bool has_times = wish.begins_s != 0 || wish.ends_s != 0;
    X509 *issuer = wish.issuer ? wish.issuer->certificate : made.certificate;
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), has_times ? wish.begins_s : -60);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate),
                    has_times ? wish.ends_s : 90 * MADE_DAY_S);
    X509_set_pubkey(made.certificate, made.key);
    if (wish.subject)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.certificate), "CN", MBSTRING_UTF8,
                                   (const unsigned char *)wish.subject, -1, -1, 0);
    X509_set_issuer_name(made.certificate, X509_get_subject_name(issuer));
    if (wish.names)
        made_certificate_extend(made.certificate, issuer, NID_subject_alt_name, wish.names);
    made_certificate_extend(made.certificate, issuer, NID_basic_constraints,
                            wish.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (!X509_sign(made.certificate, wish.issuer ? wish.issuer->key : made.key,
                   wish.digest ? wish.digest : EVP_sha256()))
        abort();
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, made.certificate);
    made_certificate_text(bio, &made.pem);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, made.key, NULL, NULL, 0, NULL, NULL);
    made_certificate_text(bio, &made.key_pem);
    return made;
}

static inline void made_certificate_free(struct made_certificate *made)
{
    X509_free(made->certificate);
    EVP_PKEY_free(made->key);
    text_fini(&made->pem);
    text_fini(&made->key_pem);
}

#endif
