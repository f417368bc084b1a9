#include "acme/certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

#include "acme/base64url.h"
#include "acme/private_key.h"

#define CHAIN_MAX   10u
#define ALPN_LIFE_S (7L * 24 * 3600)
#define HOUR_S      3600L

void certificate_fini(struct certificate *certificate)
{
    names_fini(&certificate->names);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static bool read_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *out = (int64_t)timegm(&parts);
    return true;
}

static void read_names(X509 *x509, struct names *out)
{
    struct text ignored = TEXT_INIT;
    GENERAL_NAMES *list = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);
        if (name->type == GEN_DNS)
            names_add(out,
                      view_of((const char *)ASN1_STRING_get0_data(name->d.dNSName),
                              (size_t)ASN1_STRING_length(name->d.dNSName)),
                      &ignored);
    }
    GENERAL_NAMES_free(list);
    text_fini(&ignored);
}

/* The authority's key identifier, a dot, and the serial number, as their bytes stand in DER. */
static void read_id(X509 *x509, char out[CERTIFICATE_ID_BYTES])
{
    struct text id = TEXT_INIT;
    unsigned char *serial = NULL;
    AUTHORITY_KEYID *authority = X509_get_ext_d2i(x509, NID_authority_key_identifier, NULL, NULL);
    int len = i2d_ASN1_INTEGER(X509_get_serialNumber(x509), &serial);
    out[0] = '\0';
    if (authority && authority->keyid && len > 2 && serial[1] < 128) {
        base64url_append(&id, view_of((const char *)ASN1_STRING_get0_data(authority->keyid),
                                      (size_t)ASN1_STRING_length(authority->keyid)));
        text_append_char(&id, '.');
        base64url_append(&id, view_of((const char *)serial + 2, (size_t)len - 2));
        if (id.len < CERTIFICATE_ID_BYTES)
            snprintf(out, CERTIFICATE_ID_BYTES, "%s", text_str(&id));
    }
    OPENSSL_free(serial);
    AUTHORITY_KEYID_free(authority);
    text_fini(&id);
}

static bool complain(struct text *problem, const char *what)
{
    text_append_str(problem, what);
    return false;
}

static bool read_first(X509 *x509, const EVP_PKEY *key, struct certificate *out,
                       struct text *problem)
{
    if (!read_time(X509_get0_notBefore(x509), &out->not_before_s) ||
        !read_time(X509_get0_notAfter(x509), &out->not_after_s))
        return complain(problem, "its times cannot be read");
    if (key && X509_check_private_key(x509, key) != 1)
        return complain(problem, "the key does not fit it");
    read_names(x509, &out->names);
    read_id(x509, out->id);
    return out->names.count > 0 || complain(problem, "it has no names of hosts");
}

bool certificate_read(struct view chain, const EVP_PKEY *key, struct certificate *out,
                      struct text *problem)
{
    BIO *bio = BIO_new_mem_buf(chain.ptr, (int)chain.len);
    X509 *x509 = NULL;
    unsigned count = 0;
    bool is_good = true;
    *out = (struct certificate){0};
    while (is_good && bio && (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        if (count++ == 0)
            is_good = read_first(x509, key, out, problem);
        if (count > CHAIN_MAX)
            is_good = complain(problem, "it has more certificates than a chain can have");
        X509_free(x509);
    }
    BIO_free(bio);
    return is_good && (count > 0 || complain(problem, "it is no certificate"));
}

/* ---- making --------------------------------------------------------------------------------------------- */

static X509_EXTENSION *make_names(const struct names *names)
{
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    for (unsigned i = 0; list && i < names->count; i++) {
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        if (!name || !text || !ASN1_STRING_set(text, names->list[i], -1))
            return NULL;
        GENERAL_NAME_set0_value(name, GEN_DNS, text);
        sk_GENERAL_NAME_push(list, name);
    }
    X509_EXTENSION *extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, list);
    GENERAL_NAMES_free(list);
    return extension;
}

static bool fill_request(X509_REQ *request, EVP_PKEY *key, const struct names *names)
{
    STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
    X509_EXTENSION *extension = make_names(names);
    bool is_good =
        request && extensions && extension && sk_X509_EXTENSION_push(extensions, extension) == 1 &&
        X509_REQ_set_version(request, 0) == 1 && X509_REQ_set_pubkey(request, key) == 1 &&
        X509_REQ_add_extensions(request, extensions) == 1 &&
        X509_REQ_sign(request, key, EVP_sha256()) > 0;
    sk_X509_EXTENSION_free(extensions);
    X509_EXTENSION_free(extension);
    return is_good;
}

bool certificate_append_request(EVP_PKEY *key, const struct names *names, struct text *out)
{
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    int len = fill_request(request, key, names) ? i2d_X509_REQ(request, &der) : 0;
    if (len > 0)
        text_append(out, view_of((const char *)der, (size_t)len));
    OPENSSL_free(der);
    X509_REQ_free(request);
    return len > 0;
}

/* id-pe-acmeIdentifier, critical: an octet string in the octet string of the extension. */
static X509_EXTENSION *make_identifier(const unsigned char digest[32])
{
    unsigned char der[34] = {0x04, 0x20};
    memcpy(der + 2, digest, 32);
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    if (id && value && ASN1_OCTET_STRING_set(value, der, sizeof(der)) == 1)
        extension = X509_EXTENSION_create_by_OBJ(NULL, id, 1, value);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(id);
    return extension;
}

static bool add(X509 *x509, X509_EXTENSION *extension)
{
    bool is_good = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_good;
}

static bool fill_alpn(X509 *x509, EVP_PKEY *key, const struct names *names,
                      const unsigned char digest[32])
{
    int64_t serial;
    X509_NAME *subject = x509 ? X509_get_subject_name(x509) : NULL;
    return subject && key && RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
           X509_set_version(x509, 2) == 1 &&
           ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), serial & INT64_MAX) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x509), -HOUR_S) &&
           X509_gmtime_adj(X509_getm_notAfter(x509), ALPN_LIFE_S) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                      (const unsigned char *)"ACME challenge", -1, -1, 0) == 1 &&
           X509_set_issuer_name(x509, subject) == 1 && X509_set_pubkey(x509, key) == 1 &&
           add(x509, make_names(names)) && add(x509, make_identifier(digest)) &&
           X509_sign(x509, key, EVP_sha256()) > 0;
}

static bool append_certificate(X509 *x509, struct text *out)
{
    char *bytes;
    BIO *bio = BIO_new(BIO_s_mem());
    long len = bio && PEM_write_bio_X509(bio, x509) == 1 ? BIO_get_mem_data(bio, &bytes) : 0;
    if (len > 0)
        text_append(out, view_of(bytes, (size_t)len));
    BIO_free(bio);
    return len > 0;
}

bool certificate_append_alpn(const char *name, const unsigned char digest[32], struct text *out)
{
    char *list[] = {memchr(name, '\0', HOST_NAME_BYTES_MAX) ? strdup(name) : NULL};
    struct names names = {.list = list, .count = 1};
    EVP_PKEY *key = private_key_make(PRIVATE_KEY_ECDSA);
    X509 *x509 = X509_new();
    bool is_good = list[0] && fill_alpn(x509, key, &names, digest) &&
                   append_certificate(x509, out) && private_key_append(key, out);
    X509_free(x509);
    EVP_PKEY_free(key);
    free(list[0]);
    return is_good;
}
