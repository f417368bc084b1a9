/* The vectors of RFC 7638 § 3.1 and RFC 7515 A.1; signatures that OpenSSL checks. */
#include "acme/jws.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "acme/base64url.h"
#include "acme/private_key.h"

static const char modulus[] = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1R"
                              "K7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
                              "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
                              "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5ha"
                              "jrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-"
                              "G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

static EVP_PKEY *key_of_7638(void)
{
    struct text bytes = TEXT_INIT;
    EVP_PKEY *key = NULL;
    assert_true(base64url_decode(view_str(modulus), &bytes));
    BIGNUM *n = BN_bin2bn((const unsigned char *)bytes.bytes, (int)bytes.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    assert_true(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n));
    assert_true(OSSL_PARAM_BLD_push_ulong(build, OSSL_PKEY_PARAM_RSA_E, 65537));
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    text_fini(&bytes);
    return key;
}

static void test_thumbprint(void **state)
{
    struct text out = TEXT_INIT;
    EVP_PKEY *key = key_of_7638();
    (void)state;
    assert_string_equal(jws_algorithm(key), "RS256");
    assert_true(jws_append_thumbprint(key, &out));
    assert_string_equal(text_str(&out), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    text_fini(&out);
    EVP_PKEY_free(key);
}

static void test_by_secret(void **state)
{
    struct text secret = TEXT_INIT, out = TEXT_INIT;
    (void)state;
    assert_true(base64url_decode(VIEW("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
                                      "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
                                 &secret));
    assert_true(jws_sign_by_secret(
        text_view(&secret), VIEW("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"),
        VIEW("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"),
        &out));
    assert_non_null(
        strstr(text_str(&out), "\"protected\":\"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\""));
    assert_non_null(
        strstr(text_str(&out), "\"signature\":\"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\""));
    text_fini(&secret);
    text_fini(&out);
}

/* The value of a member of the flattened JSON. */
static struct view member(const struct text *json, const char *name)
{
    char key[32];
    snprintf(key, sizeof(key), "\"%s\":\"", name);
    const char *at = strstr(text_str(json), key);
    assert_non_null(at);
    at += strlen(key);
    return view_of(at, strcspn(at, "\""));
}

static bool verify(EVP_PKEY *key, const struct text *json)
{
    struct text input = TEXT_INIT, flat = TEXT_INIT;
    struct view signature = member(json, "signature"), protected_part = member(json, "protected");
    text_append(&input, protected_part);
    text_append_char(&input, '.');
    text_append(&input, member(json, "payload"));
    assert_true(base64url_decode(signature, &flat));
    assert_int_equal(flat.len, 64);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn((unsigned char *)flat.bytes, 32, NULL),
                   BN_bin2bn((unsigned char *)flat.bytes + 32, 32, NULL));
    unsigned char *der = NULL;
    int len = i2d_ECDSA_SIG(pair, &der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
    bool is_good =
        EVP_DigestVerify(context, der, (size_t)len, (unsigned char *)input.bytes, input.len) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    text_fini(&input);
    text_fini(&flat);
    return is_good;
}

/* Numbers that begin with zeros come up within so many. */
static void test_signatures_have_one_length(void **state)
{
    EVP_PKEY *key = private_key_make(PRIVATE_KEY_ECDSA),
             *other = private_key_make(PRIVATE_KEY_ECDSA);
    (void)state;
    assert_string_equal(jws_algorithm(key), "ES256");
    for (unsigned i = 0; i < 600; i++) {
        struct text out = TEXT_INIT;
        assert_true(jws_sign(key, VIEW("{\"alg\":\"ES256\"}"), VIEW("{}"), &out));
        assert_true(verify(key, &out));
        assert_false(verify(other, &out));
        text_fini(&out);
    }
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void test_key_as_json(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        struct text out = TEXT_INIT;
        EVP_PKEY *key = private_key_make(PRIVATE_KEY_ECDSA);
        assert_true(jws_append_key(key, &out));
        assert_int_equal(
            out.len, strlen("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"\",\"y\":\"\"}") + 2 * 43);
        EVP_PKEY_free(key);
        text_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thumbprint), cmocka_unit_test(test_by_secret),
        cmocka_unit_test(test_signatures_have_one_length), cmocka_unit_test(test_key_as_json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
