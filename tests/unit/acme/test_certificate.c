/* What is read of certificates; requests and the certificate of TLS-ALPN-01. */
#include "acme/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "made.h"

static void test_read(void **state)
{
    struct certificate certificate;
    struct text problem = TEXT_INIT;
    struct made made = made_certificate("DNS:A.Example,DNS:b.example,IP:127.0.0.1", 1000);
    struct made other = made_certificate("DNS:a.example", 1000);
    (void)state;
    EVP_PKEY *key = private_key_parse(text_view(&made.key)),
             *wrong = private_key_parse(text_view(&other.key));
    assert_true(certificate_read(text_view(&made.chain), key, &certificate, &problem));
    assert_int_equal(certificate.names.count, 2);
    assert_string_equal(certificate.names.list[0], "a.example");
    assert_int_equal(certificate.not_after_s - certificate.not_before_s, 1000);
    assert_true(certificate.not_before_s >= time(NULL) - 60);
    assert_non_null(strstr(certificate.id, ".AIdlQyE")); /* with the zero that keeps it positive */
    certificate_fini(&certificate);
    assert_false(certificate_read(text_view(&made.chain), wrong, &certificate, &problem));
    assert_non_null(strstr(text_str(&problem), "key"));
    certificate_fini(&certificate);
    EVP_PKEY_free(key);
    EVP_PKEY_free(wrong);
    made_fini(&made);
    made_fini(&other);
    text_fini(&problem);
}

static void test_what_is_none(void **state)
{
    struct certificate certificate;
    struct text problem = TEXT_INIT, many = TEXT_INIT;
    struct made made = made_certificate("DNS:a.example", 1000);
    (void)state;
    assert_false(certificate_read(VIEW(""), NULL, &certificate, &problem));
    certificate_fini(&certificate);
    assert_false(
        certificate_read(VIEW("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                         NULL, &certificate, &problem));
    certificate_fini(&certificate);
    for (unsigned i = 0; i < 12; i++)
        text_append(&many, text_view(&made.chain));
    assert_false(certificate_read(text_view(&many), NULL, &certificate, &problem));
    certificate_fini(&certificate);
    made_fini(&made);
    text_fini(&many);
    text_fini(&problem);
}

static void test_request(void **state)
{
    struct names names = {0};
    struct text out = TEXT_INIT, problem = TEXT_INIT;
    EVP_PKEY *key = private_key_make(PRIVATE_KEY_ECDSA);
    (void)state;
    names_add(&names, VIEW("a.example"), &problem);
    names_add(&names, VIEW("b.example"), &problem);
    assert_true(certificate_append_request(key, &names, &out));
    const unsigned char *der = (const unsigned char *)out.bytes;
    X509_REQ *request = d2i_X509_REQ(NULL, &der, (long)out.len);
    assert_non_null(request);
    assert_int_equal(X509_REQ_verify(request, key), 1);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    names_fini(&names);
    text_fini(&out);
}

static void test_alpn(void **state)
{
    unsigned char digest[32] = {1, 2, 3};
    struct text out = TEXT_INIT;
    (void)state;
    assert_true(certificate_append_alpn("a.example", digest, &out));
    BIO *bio = BIO_new_mem_buf(out.bytes, (int)out.len);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    assert_int_equal(X509_check_private_key(x509, key), 1);
    assert_int_equal(X509_check_host(x509, "a.example", 0, 0, NULL), 1);
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
    X509_EXTENSION *extension = X509_get_ext(x509, X509_get_ext_by_OBJ(x509, id, -1));
    assert_int_equal(X509_EXTENSION_get_critical(extension), 1);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
    assert_int_equal(ASN1_STRING_length(value), 34);
    assert_memory_equal(ASN1_STRING_get0_data(value) + 2, digest, 32);
    ASN1_OBJECT_free(id);
    X509_free(x509);
    EVP_PKEY_free(key);
    BIO_free(bio);
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read),
                                       cmocka_unit_test(test_what_is_none),
                                       cmocka_unit_test(test_request), cmocka_unit_test(test_alpn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
