#include "lb/tls/tls_pem.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "lb/base/memory.h"

struct tls_pem {
    BIO *bio;
    bool is_damaged;
};

struct tls_pem *tls_pem_open(struct view bytes)
{
    BIO *bio = bytes.len <= INT_MAX
                   ? BIO_new_mem_buf(bytes.len > 0 ? bytes.ptr : "", (int)bytes.len)
                   : NULL;
    if (!bio)
        return NULL;
    struct tls_pem *pem = memory_new(sizeof(*pem));
    pem->bio = bio;
    return pem;
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

static enum tls_pem_kind kind_of(const char *name, const char *header)
{
    static const char *const certificates[] = {PEM_STRING_X509, PEM_STRING_X509_OLD, NULL};
    static const char *const keys[] = {PEM_STRING_PKCS8INF, PEM_STRING_RSA, PEM_STRING_ECPRIVATEKEY,
                                       PEM_STRING_DSA, NULL};
    if (is_one_of(name, certificates))
        return TLS_PEM_CERTIFICATE;
    if (strcmp(name, PEM_STRING_X509_CRL) == 0)
        return TLS_PEM_CRL;
    if (strcmp(name, PEM_STRING_PKCS8) == 0)
        return TLS_PEM_LOCKED_KEY;
    if (is_one_of(name, keys))
        return strstr(header, "ENCRYPTED") ? TLS_PEM_LOCKED_KEY : TLS_PEM_KEY;
    return TLS_PEM_OTHER;
}

bool tls_pem_next(struct tls_pem *pem, struct tls_pem_block *out)
{
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long len = 0;
    ERR_clear_error();
    if (pem->is_damaged || PEM_read_bio_ex(pem->bio, &name, &header, &der, &len,
                                           PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) != 1) {
        pem->is_damaged =
            pem->is_damaged || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
        ERR_clear_error();
        return false;
    }
    *out = (struct tls_pem_block){.kind = kind_of(name, header), .der = der, .len = len};
    OPENSSL_secure_free(name);
    OPENSSL_secure_free(header);
    return true;
}

bool tls_pem_is_damaged(const struct tls_pem *pem)
{
    return pem->is_damaged;
}

void tls_pem_drop(struct tls_pem_block *block)
{
    OPENSSL_secure_clear_free(block->der, (size_t)block->len);
    block->der = NULL;
    block->len = 0;
}

void tls_pem_close(struct tls_pem *pem)
{
    if (!pem)
        return;
    BIO_free(pem->bio);
    free(pem);
}
