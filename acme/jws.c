#include "acme/jws.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>

#include "acme/base64url.h"

#define COORDINATE_BYTES    32
#define SIGNATURE_BYTES_MAX 1024u
#define NUMBER_BYTES_MAX    1024
#define DIGEST_BYTES        32u

const char *jws_algorithm(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 8 * COORDINATE_BYTES)
        return "ES256";
    return EVP_PKEY_is_a(key, "RSA") ? "RS256" : NULL;
}

/* ---- the public key ---------------------------------------------------------------------------------- */

/* A number of the key, so many bytes long; 0: as long as it is. */
static bool append_number(const EVP_PKEY *key, const char *name, int len, struct text *out)
{
    unsigned char bytes[NUMBER_BYTES_MAX];
    BIGNUM *number = NULL;
    if (!EVP_PKEY_get_bn_param(key, name, &number))
        return false;
    if (len == 0)
        len = BN_num_bytes(number);
    bool is_good = len <= NUMBER_BYTES_MAX && BN_bn2binpad(number, bytes, len) == len;
    if (is_good)
        base64url_append(out, view_of((const char *)bytes, (size_t)len));
    BN_free(number);
    return is_good;
}

static bool append_ec(const EVP_PKEY *key, struct text *out)
{
    text_append_str(out, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
    bool is_good = append_number(key, OSSL_PKEY_PARAM_EC_PUB_X, COORDINATE_BYTES, out);
    text_append_str(out, "\",\"y\":\"");
    is_good = is_good && append_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, COORDINATE_BYTES, out);
    text_append_str(out, "\"}");
    return is_good;
}

static bool append_rsa(const EVP_PKEY *key, struct text *out)
{
    text_append_str(out, "{\"e\":\"");
    bool is_good = append_number(key, OSSL_PKEY_PARAM_RSA_E, 0, out);
    text_append_str(out, "\",\"kty\":\"RSA\",\"n\":\"");
    is_good = is_good && append_number(key, OSSL_PKEY_PARAM_RSA_N, 0, out);
    text_append_str(out, "\"}");
    return is_good;
}

bool jws_append_key(const EVP_PKEY *key, struct text *out)
{
    const char *algorithm = jws_algorithm(key);
    if (!algorithm)
        return false;
    return algorithm[0] == 'E' ? append_ec(key, out) : append_rsa(key, out);
}

bool jws_append_thumbprint(const EVP_PKEY *key, struct text *out)
{
    struct text json = TEXT_INIT;
    unsigned char digest[DIGEST_BYTES];
    bool is_good = jws_append_key(key, &json) &&
                   EVP_Digest(json.bytes, json.len, digest, NULL, EVP_sha256(), NULL);
    if (is_good)
        base64url_append(out, view_of((const char *)digest, sizeof(digest)));
    text_fini(&json);
    return is_good;
}

/* ---- signatures ---------------------------------------------------------------------------------------- */

/* Both numbers behind each other (RFC 7518 § 3.4), out of what OpenSSL gives. */
static bool append_flat(const unsigned char *der, size_t len, struct text *out)
{
    unsigned char flat[2 * COORDINATE_BYTES];
    const BIGNUM *r, *s;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)len);
    if (!signature)
        return false;
    ECDSA_SIG_get0(signature, &r, &s);
    bool is_good = BN_bn2binpad(r, flat, COORDINATE_BYTES) == COORDINATE_BYTES &&
                   BN_bn2binpad(s, flat + COORDINATE_BYTES, COORDINATE_BYTES) == COORDINATE_BYTES;
    if (is_good)
        base64url_append(out, view_of((const char *)flat, sizeof(flat)));
    ECDSA_SIG_free(signature);
    return is_good;
}

static bool append_signature(EVP_PKEY *key, struct view signed_bytes, struct text *out)
{
    unsigned char signature[SIGNATURE_BYTES_MAX];
    size_t len = sizeof(signature);
    const char *algorithm = jws_algorithm(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_good = algorithm && context &&
                   EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                   EVP_DigestSign(context, signature, &len, (const unsigned char *)signed_bytes.ptr,
                                  signed_bytes.len) == 1;
    EVP_MD_CTX_free(context);
    if (is_good && algorithm[0] == 'E')
        return append_flat(signature, len, out);
    if (is_good)
        base64url_append(out, view_of((const char *)signature, len));
    return is_good;
}

static void append_signed(struct view head, struct view payload, struct text *out)
{
    base64url_append(out, head);
    text_append_char(out, '.');
    base64url_append(out, payload);
}

static void append_flattened(const struct text *signed_text, const struct text *signature,
                             struct text *out)
{
    struct view payload = text_view(signed_text), head = view_cut(&payload, '.');
    text_append_str(out, "{\"protected\":\"");
    text_append(out, head);
    text_append_str(out, "\",\"payload\":\"");
    text_append(out, payload);
    text_append_str(out, "\",\"signature\":\"");
    text_append(out, text_view(signature));
    text_append_str(out, "\"}");
}

bool jws_sign(EVP_PKEY *key, struct view head, struct view payload, struct text *out)
{
    struct text text = TEXT_INIT, signature = TEXT_INIT;
    append_signed(head, payload, &text);
    bool is_good = append_signature(key, text_view(&text), &signature);
    if (is_good)
        append_flattened(&text, &signature, out);
    text_fini(&text);
    text_fini(&signature);
    return is_good;
}

bool jws_sign_by_secret(struct view secret, struct view head, struct view payload, struct text *out)
{
    struct text text = TEXT_INIT, signature = TEXT_INIT;
    unsigned char digest[DIGEST_BYTES];
    append_signed(head, payload, &text);
    bool is_good = HMAC(EVP_sha256(), secret.ptr, (int)secret.len,
                        (const unsigned char *)text.bytes, text.len, digest, NULL) != NULL;
    if (is_good) {
        base64url_append(&signature, view_of((const char *)digest, sizeof(digest)));
        append_flattened(&text, &signature, out);
    }
    text_fini(&text);
    text_fini(&signature);
    return is_good;
}
