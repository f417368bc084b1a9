#include "lb/tls/tls_client_ca.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "lb/base/memory.h"
#include "lb/tls/tls_client_ca_state.h"
#include "lb/tls/tls_pem.h"

static bool take_certificate(struct tls_client_ca *ca, const struct tls_pem_block *block,
                             struct text *problem)
{
    const unsigned char *at = block->der;
    X509 *certificate = d2i_X509(NULL, &at, block->len);
    X509_NAME *name = NULL;
    bool is_good = certificate && X509_check_purpose(certificate, -1, 0) == 1 &&
                   ca->certificate_count < TLS_CLIENT_CA_COUNT_MAX &&
                   X509_STORE_add_cert(ca->store, certificate) == 1;
    if (is_good) {
        ca->certificate_count++;
        name = X509_NAME_dup(X509_get_subject_name(certificate));
        is_good = name && sk_X509_NAME_push(ca->names, name) > 0;
        if (!is_good)
            X509_NAME_free(name);
    }
    if (!is_good)
        text_appendf(
            problem,
            "a certificate in it is damaged, or there are more than %u; copy the file anew",
            TLS_CLIENT_CA_COUNT_MAX);
    X509_free(certificate);
    return is_good;
}

static void note_end(struct tls_client_ca *ca, const X509_CRL *list)
{
    const ASN1_TIME *end = X509_CRL_get0_nextUpdate(list);
    struct tm parts;
    if (!end || ASN1_TIME_to_tm(end, &parts) != 1)
        return;
    int64_t end_s = timegm(&parts);
    if (end_s < ca->list_end_s)
        ca->list_end_s = end_s;
}

static bool take_list(struct tls_client_ca *ca, const struct tls_pem_block *block,
                      struct text *problem)
{
    const unsigned char *at = block->der;
    X509_CRL *list = d2i_X509_CRL(NULL, &at, block->len);
    bool is_good = list && ca->list_count < TLS_CLIENT_CA_COUNT_MAX &&
                   X509_STORE_add_crl(ca->store, list) == 1;
    if (is_good) {
        ca->list_count++;
        note_end(ca, list);
    } else {
        text_appendf(problem,
                     "a revocation list is damaged, or there are more than %u; copy the file anew",
                     TLS_CLIENT_CA_COUNT_MAX);
    }
    X509_CRL_free(list);
    return is_good;
}

static bool take_file(struct tls_client_ca *ca, struct view bytes, struct text *problem)
{
    struct tls_pem_block block;
    struct tls_pem *pem = tls_pem_open(bytes);
    bool is_good = pem != NULL;
    while (is_good && tls_pem_next(pem, &block)) {
        if (block.kind == TLS_PEM_CERTIFICATE)
            is_good = take_certificate(ca, &block, problem);
        else if (block.kind == TLS_PEM_CRL)
            is_good = take_list(ca, &block, problem);
        tls_pem_drop(&block);
    }
    if (is_good && tls_pem_is_damaged(pem)) {
        text_append_str(problem, "it is cut off or damaged; copy it anew");
        is_good = false;
    }
    tls_pem_close(pem);
    return is_good;
}

static bool is_short(struct view bytes, struct text *problem)
{
    if (bytes.len <= TLS_CLIENT_CA_BYTES_MAX)
        return true;
    text_appendf(problem, "it has more than %zu bytes; leave the CAs of clients",
                 TLS_CLIENT_CA_BYTES_MAX);
    return false;
}

static bool take_certificates(struct tls_client_ca *ca, struct view bytes, struct text *problem)
{
    if (!is_short(bytes, problem) || !take_file(ca, bytes, problem))
        return false;
    if (ca->certificate_count == 0)
        text_append_str(problem, "no certificate of a CA is in it; it must be PEM");
    return ca->certificate_count > 0;
}

static bool take_lists(struct tls_client_ca *ca, struct view bytes, struct text *problem)
{
    if (bytes.len == 0)
        return true;
    if (!is_short(bytes, problem) || !take_file(ca, bytes, problem))
        return false;
    if (ca->list_count == 0)
        text_append_str(problem,
                        "no revocation list is in it; it must be PEM, which has a line -----BEGIN "
                        "X509 CRL-----");
    return ca->list_count > 0;
}

static bool take_digest(struct tls_client_ca *ca, struct view certificates, struct view crl)
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    bool is_good = sum && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1 &&
                   EVP_DigestUpdate(sum, certificates.ptr, certificates.len) == 1 &&
                   EVP_DigestUpdate(sum, "", 1) == 1 &&
                   EVP_DigestUpdate(sum, crl.ptr, crl.len) == 1 &&
                   EVP_DigestFinal_ex(sum, ca->digest, NULL) == 1;
    EVP_MD_CTX_free(sum);
    return is_good;
}

static struct tls_client_ca *new_empty(void)
{
    struct tls_client_ca *ca = memory_new(sizeof(*ca));
    atomic_init(&ca->ref_count, 1);
    ca->list_end_s = INT64_MAX;
    ca->store = X509_STORE_new();
    ca->names = sk_X509_NAME_new_null();
    if (ca->store && ca->names)
        return ca;
    tls_client_ca_unref(ca);
    return NULL;
}

struct tls_client_ca *tls_client_ca_read(struct view certificates, struct view crl,
                                         struct text *problem, bool *is_with_crl)
{
    struct tls_client_ca *ca = new_empty();
    *is_with_crl = ca && take_certificates(ca, certificates, problem);
    if (*is_with_crl && take_lists(ca, crl, problem) && take_digest(ca, certificates, crl)) {
        unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
        if (ca->list_count > 0)
            flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
        X509_STORE_set_flags(ca->store, flags);
        ERR_clear_error();
        return ca;
    }
    ERR_clear_error();
    tls_client_ca_unref(ca);
    return NULL;
}

int64_t tls_client_ca_list_end_s(const struct tls_client_ca *ca)
{
    return ca->list_end_s;
}

struct tls_client_ca *tls_client_ca_nobody(void)
{
    struct tls_client_ca *ca = new_empty();
    if (ca)
        memset(ca->digest, 0xFF, sizeof(ca->digest));
    return ca;
}

struct tls_client_ca *tls_client_ca_ref(struct tls_client_ca *ca)
{
    atomic_fetch_add_explicit(&ca->ref_count, 1, memory_order_relaxed);
    return ca;
}

void tls_client_ca_unref(struct tls_client_ca *ca)
{
    if (!ca || atomic_fetch_sub_explicit(&ca->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    X509_STORE_free(ca->store);
    sk_X509_NAME_pop_free(ca->names, X509_NAME_free);
    free(ca);
}
