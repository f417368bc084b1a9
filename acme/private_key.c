#include "acme/private_key.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#define RSA_BITS 2048u

EVP_PKEY *private_key_make(enum private_key_kind kind)
{
    return kind == PRIVATE_KEY_RSA ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
}

/* Nobody is asked for a pass phrase. */
static int refuse_phrase(char *out, int size, int is_written, void *owner)
{
    (void)out;
    (void)size;
    (void)is_written;
    (void)owner;
    return -1;
}

EVP_PKEY *private_key_parse(struct view pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, refuse_phrase, NULL) : NULL;
    BIO_free(bio);
    return key;
}

bool private_key_append(const EVP_PKEY *key, struct text *out)
{
    char *bytes;
    BIO *bio = BIO_new(BIO_s_secmem());
    bool is_good = bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
    long len = is_good ? BIO_get_mem_data(bio, &bytes) : 0;
    if (len > 0)
        text_append(out, view_of(bytes, (size_t)len));
    BIO_free(bio);
    return len > 0;
}

void private_key_forget(struct text *text)
{
    if (text->bytes)
        explicit_bzero(text->bytes, text->len);
    text_fini(text);
}
