/* What is taken for a certificate with its key, what is refused, and in which words. */
#include "lb/tls/tls_identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/support/made_certificate.h"

static struct text problem;

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

static struct tls_identity *read_pem(struct view certificate, struct view key)
{
    text_clear(&problem);
    struct tls_identity *identity = tls_identity_read(certificate, key, now_s(), &problem);
    assert_true(identity ? problem.len == 0 : problem.len > 0);
    return identity;
}

static struct tls_identity *read_made(const struct made_certificate *made)
{
    return read_pem(text_view(&made->pem), text_view(&made->key_pem));
}

static void assert_refused(struct tls_identity *identity, const char *why)
{
    assert_null(identity);
    if (!strstr(text_str(&problem), why))
        fail_msg("\"%s\" is not in \"%s\"", why, text_str(&problem));
}

static void test_what_a_certificate_says_of_itself(void **state)
{
    struct made_certificate ca =
        made_certificate_new((struct made_wish){.subject = "Test CA \x1b[1m", .is_ca = true});
    struct made_certificate made = made_certificate_new(
        (struct made_wish){.subject = "a.test",
                           .names = "DNS:A.test,DNS:*.a.test,IP:192.0.2.1,DNS:b.test.",
                           .issuer = &ca});
    struct text both = TEXT_INIT;
    (void)state;
    text_append(&both, text_view(&made.pem));
    text_append(&both, text_view(&ca.pem));
    struct tls_identity *identity = read_pem(text_view(&both), text_view(&made.key_pem));
    const struct tls_identity_facts *facts = tls_identity_facts(identity);
    assert_true(view_eq(facts->subject, VIEW("a.test")));
    assert_true(view_eq(facts->issuer, VIEW("Test CA \\x1b[1m")));
    assert_int_equal(facts->key_type, TLS_KEY_ECDSA);
    assert_int_equal(facts->key_bits, 256);
    assert_int_equal(facts->chain_count, 1);
    assert_int_equal(facts->fingerprint.len, 64);
    assert_false(facts->is_self_signed);
    assert_in_range(facts->not_after_s, now_s() + 89 * MADE_DAY_S, now_s() + 91 * MADE_DAY_S);
    assert_int_equal(tls_identity_name_count(identity), 3);
    assert_true(view_eq(tls_identity_name(identity, 0), VIEW("a.test")));
    assert_true(view_eq(tls_identity_name(identity, 1), VIEW("*.a.test")));
    assert_true(view_eq(tls_identity_name(identity, 2), VIEW("b.test")));
    tls_identity_unref(tls_identity_ref(identity));
    tls_identity_unref(identity);
    text_fini(&both);
    made_certificate_free(&made);
    made_certificate_free(&ca);
}

static void test_hosts_that_it_covers(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){
        .subject = "cn.test", .names = "DNS:a.test,DNS:*.b.test,IP:192.0.2.1,IP:2001:db8::1"});
    struct tls_identity *identity = read_made(&made);
    (void)state;
    assert_true(tls_identity_covers(identity, VIEW("a.test")));
    assert_true(tls_identity_covers(identity, VIEW("x.b.test")));
    assert_true(tls_identity_covers(identity, VIEW("192.0.2.1")));
    assert_true(tls_identity_covers(identity, VIEW("[2001:db8::1]")));
    assert_false(tls_identity_covers(identity, VIEW("cn.test")));
    assert_false(tls_identity_covers(identity, VIEW("b.test")));
    assert_false(tls_identity_covers(identity, VIEW("y.x.b.test")));
    assert_false(tls_identity_covers(identity, VIEW("192.0.2.2")));
    assert_false(tls_identity_covers(identity, VIEW("x.a.test")));
    assert_false(tls_identity_covers(identity, VIEW("")));
    tls_identity_unref(identity);
    made_certificate_free(&made);
}

static void test_the_common_name_counts_where_there_are_no_others(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.subject = "CN.test"});
    struct made_certificate odd =
        made_certificate_new((struct made_wish){.subject = "no host at all"});
    struct tls_identity *identity = read_made(&made);
    (void)state;
    assert_int_equal(tls_identity_name_count(identity), 1);
    assert_true(tls_identity_covers(identity, VIEW("cn.test")));
    tls_identity_unref(identity);
    identity = read_made(&odd);
    assert_int_equal(tls_identity_name_count(identity), 0);
    tls_identity_unref(identity);
    made_certificate_free(&made);
    made_certificate_free(&odd);
}

static void test_the_key_may_be_in_the_same_file_before_or_behind(void **state)
{
    struct made_certificate made =
        made_certificate_new((struct made_wish){.names = "DNS:a.test", .rsa_bits = 2048});
    struct text both = TEXT_INIT;
    (void)state;
    text_append(&both, text_view(&made.key_pem));
    text_append(&both, text_view(&made.pem));
    struct tls_identity *identity = read_pem(text_view(&both), VIEW(""));
    assert_int_equal(tls_identity_facts(identity)->key_type, TLS_KEY_RSA);
    assert_true(tls_identity_facts(identity)->is_self_signed);
    tls_identity_unref(identity);
    text_clear(&both);
    text_append(&both, text_view(&made.pem));
    text_append(&both, text_view(&made.key_pem));
    tls_identity_unref(read_pem(text_view(&both), VIEW("")));
    text_fini(&both);
    made_certificate_free(&made);
}

/* OpenSSL's older forms: EC parameters before the key, and a key in its own form. */
static void test_keys_in_older_forms(void **state)
{
    (void)state;
    for (int rsa_bits = 0; rsa_bits <= 2048; rsa_bits += 2048) {
        struct made_certificate made =
            made_certificate_new((struct made_wish){.names = "DNS:a.test", .rsa_bits = rsa_bits});
        struct text key = TEXT_INIT;
        BIO *bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey_traditional(bio, made.key, NULL, NULL, 0, NULL, NULL);
        made_certificate_text(bio, &key);
        struct text whole = TEXT_INIT;
        text_append_str(
            &whole,
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
        text_append(&whole, text_view(&key));
        tls_identity_unref(read_pem(text_view(&made.pem), text_view(&whole)));
        text_fini(&key);
        text_fini(&whole);
        made_certificate_free(&made);
    }
}

static void test_times(void **state)
{
    struct made_certificate over = made_certificate_new((struct made_wish){
        .names = "DNS:a.test", .begins_s = -2 * MADE_DAY_S, .ends_s = -MADE_DAY_S});
    struct made_certificate early = made_certificate_new((struct made_wish){
        .names = "DNS:a.test", .begins_s = MADE_DAY_S, .ends_s = 2 * MADE_DAY_S});
    (void)state;
    assert_refused(read_made(&over), "it is over since 20");
    tls_identity_unref(read_made(&early));
    made_certificate_free(&over);
    made_certificate_free(&early);
}

static void test_keys_that_cannot_be_used(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    struct made_certificate other = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    struct made_certificate weak =
        made_certificate_new((struct made_wish){.names = "DNS:a.test", .rsa_bits = 1024});
    struct made_certificate rare =
        made_certificate_new((struct made_wish){.names = "DNS:a.test", .curve = "secp256k1"});
    struct view pem = text_view(&made.pem);
    (void)state;
    assert_refused(read_pem(pem, text_view(&other.key_pem)), "the key does not fit");
    assert_refused(read_pem(pem, VIEW("")), "there is no key to it");
    assert_refused(read_pem(pem, pem), "no key is in its key's file");
    assert_refused(read_made(&weak), "1024 bits");
    assert_refused(read_made(&rare), "curve");
    made_certificate_free(&made);
    made_certificate_free(&other);
    made_certificate_free(&weak);
    made_certificate_free(&rare);
}

static void test_a_passphrase_is_never_asked_for(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    struct text locked = TEXT_INIT;
    unsigned char secret[] = "secret";
    (void)state;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, made.key, EVP_aes_128_cbc(), (char *)secret, 6, NULL, NULL);
    made_certificate_text(bio, &locked);
    assert_refused(read_pem(text_view(&made.pem), text_view(&locked)), "passphrase");
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey_traditional(bio, made.key, EVP_aes_128_cbc(), secret, 6, NULL, NULL);
    made_certificate_text(bio, &locked);
    assert_refused(read_pem(text_view(&made.pem), text_view(&locked)), "passphrase");
    text_fini(&locked);
    made_certificate_free(&made);
}

static void test_chains(void **state)
{
    struct made_certificate root =
        made_certificate_new((struct made_wish){.subject = "root", .is_ca = true});
    struct made_certificate middle = made_certificate_new(
        (struct made_wish){.subject = "middle", .is_ca = true, .issuer = &root});
    struct made_certificate twin = made_certificate_new(
        (struct made_wish){.subject = "middle", .is_ca = true, .issuer = &root});
    struct made_certificate made =
        made_certificate_new((struct made_wish){.names = "DNS:a.test", .issuer = &middle});
    struct text pem = TEXT_INIT;
    (void)state;
    text_append(&pem, text_view(&made.pem));
    text_append(&pem, text_view(&middle.pem));
    text_append(&pem, text_view(&root.pem));
    struct tls_identity *identity = read_pem(text_view(&pem), text_view(&made.key_pem));
    assert_int_equal(tls_identity_facts(identity)->chain_count, 2);
    tls_identity_unref(identity);
    text_clear(&pem);
    text_append(&pem, text_view(&made.pem));
    text_append(&pem, text_view(&root.pem));
    assert_refused(read_pem(text_view(&pem), text_view(&made.key_pem)), "certificate 2 in it");
    text_clear(&pem); /* of the same name, with another key */
    text_append(&pem, text_view(&made.pem));
    text_append(&pem, text_view(&twin.pem));
    assert_refused(read_pem(text_view(&pem), text_view(&made.key_pem)), "certificate 2 in it");
    text_clear(&pem);
    for (int i = 0; i < 40; i++)
        text_append(&pem, text_view(&root.pem));
    assert_refused(read_pem(text_view(&pem), text_view(&root.key_pem)), "more than");
    text_fini(&pem);
    made_certificate_free(&made);
    made_certificate_free(&twin);
    made_certificate_free(&middle);
    made_certificate_free(&root);
}

static void test_old_hashes_are_refused(void **state)
{
    struct made_certificate root =
        made_certificate_new((struct made_wish){.subject = "root", .is_ca = true});
    struct made_certificate made = made_certificate_new(
        (struct made_wish){.names = "DNS:a.test", .issuer = &root, .digest = EVP_sha1()});
    (void)state;
    assert_refused(read_made(&made), "SHA-1");
    made_certificate_free(&made);
    made_certificate_free(&root);
}

/* Each file that is cut off somewhere is refused, or is the same; nothing reads past its end. */
static void test_files_that_are_cut_off_or_changed(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    struct view pem = text_view(&made.pem), key = text_view(&made.key_pem);
    (void)state;
    for (size_t len = 0; len + 2 < pem.len; len += 7) {
        char *copy = malloc(len + 1);
        memcpy(copy, pem.ptr, len);
        assert_null(read_pem(view_of(copy, len), key));
        free(copy);
    }
    for (size_t len = 0; len + 2 < key.len; len += 7)
        assert_null(read_pem(pem, view_of(key.ptr, len)));
    for (size_t at = 0; at < pem.len; at += 5) {
        struct text changed = TEXT_INIT;
        text_append(&changed, pem);
        changed.bytes[at] ^= 1;
        text_clear(&problem);
        tls_identity_unref(tls_identity_read(text_view(&changed), key, now_s(), &problem));
        text_fini(&changed);
    }
    assert_refused(read_pem(VIEW("hello"), key), "no certificate is in it");
    assert_refused(read_pem(VIEW(""), VIEW("")), "no certificate is in it");
    made_certificate_free(&made);
}

static void test_bounds(void **state)
{
    struct made_certificate made = made_certificate_new((struct made_wish){.names = "DNS:a.test"});
    struct text names = TEXT_INIT, large = TEXT_INIT;
    (void)state;
    for (unsigned i = 0; i <= TLS_IDENTITY_NAMES_MAX; i++)
        text_appendf(&names, "%sDNS:n%u.test", i > 0 ? "," : "", i);
    struct made_certificate many =
        made_certificate_new((struct made_wish){.names = text_str(&names)});
    assert_refused(read_made(&many), "more than 1000 names");
    while (large.len <= TLS_IDENTITY_BYTES_MAX)
        text_append_str(&large, "x\n");
    text_append(&large, text_view(&made.pem));
    assert_refused(read_pem(text_view(&large), text_view(&made.key_pem)), "bytes");
    text_fini(&names);
    text_fini(&large);
    made_certificate_free(&many);
    made_certificate_free(&made);
}

static int drop_problem(void **state)
{
    (void)state;
    text_fini(&problem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_certificate_says_of_itself),
        cmocka_unit_test(test_hosts_that_it_covers),
        cmocka_unit_test(test_the_common_name_counts_where_there_are_no_others),
        cmocka_unit_test(test_the_key_may_be_in_the_same_file_before_or_behind),
        cmocka_unit_test(test_keys_in_older_forms),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_keys_that_cannot_be_used),
        cmocka_unit_test(test_a_passphrase_is_never_asked_for),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_old_hashes_are_refused),
        cmocka_unit_test(test_files_that_are_cut_off_or_changed),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, drop_problem);
}
