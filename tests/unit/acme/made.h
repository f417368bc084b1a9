/* A certificate that was made for a test, with its key. Of no authority. */
#ifndef TESTS_UNIT_ACME_MADE_H
#define TESTS_UNIT_ACME_MADE_H

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "acme/certificate.h"
#include "acme/private_key.h"

struct made {
    struct text chain, key;
};

/* For the names of `alt`, "DNS:a.example,DNS:b.example", valid from now on for so long. */
static inline struct made made_certificate(const char *alt, long life_s)
{
    struct made made = {TEXT_INIT, TEXT_INIT};
    EVP_PKEY *key = private_key_make(PRIVATE_KEY_ECDSA);
    X509 *x509 = X509_new();
    X509V3_CTX context;
    char *bytes;
    X509_set_version(x509, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), 0x87654321);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), life_s);
    X509_set_pubkey(x509, key);
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    static const int ids[] = {NID_subject_key_identifier, NID_authority_key_identifier,
                              NID_subject_alt_name};
    const char *values[] = {"hash", "keyid:always", alt};
    for (int i = 0; i < 3; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, ids[i], values[i]);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(x509, key, EVP_sha256());
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x509);
    long len = BIO_get_mem_data(bio, &bytes);
    text_append(&made.chain, view_of(bytes, (size_t)len));
    BIO_free(bio);
    private_key_append(key, &made.key);
    X509_free(x509);
    EVP_PKEY_free(key);
    return made;
}

static inline void made_fini(struct made *made)
{
    text_fini(&made->chain);
    text_fini(&made->key);
}

#endif
