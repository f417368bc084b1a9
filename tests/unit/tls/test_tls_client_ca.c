/* Who signs certificates of clients: what is taken, what is refused, and whom it lets in. */
#include "lb/tls/tls_client_ca.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

#include "lb/tls/tls_client_ca_state.h"
#include "tests/unit/support/made_certificate.h"

static struct made_certificate root, middle, client;

static int make_all(void **state)
{
    (void)state;
    root = made_certificate_new((struct made_wish){.subject = "root", .is_ca = true});
    middle = made_certificate_new(
        (struct made_wish){.subject = "middle", .is_ca = true, .issuer = &root});
    client = made_certificate_new((struct made_wish){.subject = "client", .issuer = &middle});
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    made_certificate_free(&root);
    made_certificate_free(&middle);
    made_certificate_free(&client);
    return 0;
}

static void append_list(struct text *out, const struct made_certificate *issuer,
                        const struct made_certificate *revoked)
{
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *later = X509_gmtime_adj(NULL, 86400);
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer->certificate));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, later);
    if (revoked) {
        X509_REVOKED *entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->certificate));
        X509_REVOKED_set_revocationDate(entry, now);
        X509_CRL_add0_revoked(list, entry);
    }
    X509_CRL_sort(list);
    X509_CRL_sign(list, issuer->key, EVP_sha256());
    BIO *bio = BIO_new(BIO_s_mem());
    struct text pem = TEXT_INIT;
    PEM_write_bio_X509_CRL(bio, list);
    made_certificate_text(bio, &pem);
    text_append(out, text_view(&pem));
    text_fini(&pem);
    X509_CRL_free(list);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
}

static int verdict(struct tls_client_ca *ca)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *sent = sk_X509_new_null();
    sk_X509_push(sent, middle.certificate);
    X509_STORE_CTX_init(context, ca->store, client.certificate, sent);
    int rc = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    sk_X509_free(sent);
    return rc;
}

static struct tls_client_ca *read_good(struct view certificates, struct view crl)
{
    struct text problem = TEXT_INIT;
    struct tls_client_ca *ca = tls_client_ca_read(certificates, crl, &problem, &(bool){false});
    assert_non_null(ca);
    assert_int_equal(problem.len, 0);
    return ca;
}

static void test_when_the_first_list_is_over(void **state)
{
    struct text list = TEXT_INIT;
    int64_t now_s = time(NULL);
    (void)state;
    append_list(&list, &root, NULL);
    struct tls_client_ca *with = read_good(text_view(&root.pem), text_view(&list));
    struct tls_client_ca *without = read_good(text_view(&root.pem), VIEW(""));
    assert_in_range(tls_client_ca_list_end_s(with), now_s + 86000, now_s + 86401);
    assert_true(tls_client_ca_list_end_s(without) == INT64_MAX);
    tls_client_ca_unref(with);
    tls_client_ca_unref(without);
    text_fini(&list);
}

static void assert_refused(struct view certificates, struct view crl, const char *why)
{
    struct text problem = TEXT_INIT;
    bool is_with_crl = crl.len == 0;
    assert_null(tls_client_ca_read(certificates, crl, &problem, &is_with_crl));
    assert_int_equal(is_with_crl, crl.len > 0);
    if (!strstr(text_str(&problem), why))
        fail_msg("\"%s\" is not in \"%s\"", why, text_str(&problem));
    text_fini(&problem);
}

static void test_a_root_and_an_intermediate_let_in(void **state)
{
    struct tls_client_ca *by_root = read_good(text_view(&root.pem), VIEW(""));
    struct tls_client_ca *by_middle = read_good(text_view(&middle.pem), VIEW(""));
    struct tls_client_ca *nobody = tls_client_ca_nobody();
    (void)state;
    assert_int_equal(verdict(by_root), X509_V_OK);
    assert_int_equal(verdict(by_middle), X509_V_OK);
    assert_int_not_equal(verdict(nobody), X509_V_OK);
    assert_int_equal(sk_X509_NAME_num(by_root->names), 1);
    assert_int_equal(sk_X509_NAME_num(nobody->names), 0);
    tls_client_ca_unref(tls_client_ca_ref(by_root));
    tls_client_ca_unref(by_root);
    tls_client_ca_unref(by_middle);
    tls_client_ca_unref(nobody);
}

static void test_who_is_revoked_is_not_let_in(void **state)
{
    struct text none = TEXT_INIT, revoked = TEXT_INIT, half = TEXT_INIT;
    (void)state;
    append_list(&none, &root, NULL);
    append_list(&none, &middle, NULL);
    append_list(&revoked, &root, NULL);
    append_list(&revoked, &middle, &client);
    append_list(&half, &root, NULL);
    struct tls_client_ca *with_none = read_good(text_view(&root.pem), text_view(&none));
    struct tls_client_ca *with_one = read_good(text_view(&root.pem), text_view(&revoked));
    struct tls_client_ca *with_half = read_good(text_view(&root.pem), text_view(&half));
    assert_int_equal(verdict(with_none), X509_V_OK);
    assert_int_equal(verdict(with_one), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(verdict(with_half), X509_V_ERR_UNABLE_TO_GET_CRL);
    tls_client_ca_unref(with_none);
    tls_client_ca_unref(with_one);
    tls_client_ca_unref(with_half);
    text_fini(&none);
    text_fini(&revoked);
    text_fini(&half);
}

static void test_what_cannot_be_used(void **state)
{
    struct view pem = text_view(&root.pem);
    struct text many = TEXT_INIT;
    (void)state;
    assert_refused(VIEW(""), VIEW(""), "no certificate of a CA");
    assert_refused(text_view(&root.key_pem), VIEW(""), "no certificate of a CA");
    assert_refused(view_of(pem.ptr, pem.len / 2), VIEW(""), "cut off");
    assert_refused(pem, VIEW("hello"), "no revocation list");
    assert_refused(pem, VIEW("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
                   "revocation list");
    for (unsigned i = 0; i <= TLS_CLIENT_CA_COUNT_MAX; i++)
        text_append(&many, pem);
    assert_refused(text_view(&many), VIEW(""), "more than 64");
    text_fini(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_root_and_an_intermediate_let_in),
        cmocka_unit_test(test_who_is_revoked_is_not_let_in),
        cmocka_unit_test(test_when_the_first_list_is_over),
        cmocka_unit_test(test_what_cannot_be_used),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
