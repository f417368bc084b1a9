/* Whom the server shows, what it refuses and by which alert, what it asks of clients and what a ticket carries; the client is
 * OpenSSL's own. */
#include <errno.h>

#include "tls_caller.h"

/* ---- names -------------------------------------------------------------------------------------- */

static void test_names(void **state)
{
    (void)state;
    call("A.Test.");
    talk();
    assert_view(facts()->server_name, "a.test");
    assert_true(tls_session_covers(near_end.session, VIEW("b.test")));
    assert_false(tls_session_covers(near_end.session, VIEW("c.test")));
    call(NULL);
    talk();
    assert_view(facts()->server_name, "");
    call("nobody.test");
    talk();
    assert_refused("unrecognized name", "no certificate for the name \"nobody.test\"");
}

static void test_names_that_none_can_have(void **state)
{
    static const char *const names[] = {"a test",  "a..test", "a.test..",     ".",
                                        ".a.test", "a/b",     "\xc3\xa9.test"};
    (void)state;
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        call(names[i]);
        talk();
        assert_refused("unrecognized name", "no host can have");
    }
}

/* ---- keys, versions, ciphers, groups ------------------------------------------------------------ */

static const char *shown(void)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    static char name[64];
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof(name));
    return name;
}

static void test_key_that_the_client_can_verify(void **state)
{
    (void)state;
    call("a.test");
    SSL_set1_sigalgs_list(ssl, "RSA-PSS+SHA256");
    talk();
    facts();
    assert_string_equal(shown(), "rsa");
    call("a.test");
    SSL_set1_sigalgs_list(ssl, "ECDSA+SHA256:RSA-PSS+SHA256");
    talk();
    facts();
    assert_string_equal(shown(), "ecdsa");
    call("a.test");
    SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    SSL_set_cipher_list(ssl, "ECDHE-RSA-AES256-GCM-SHA384");
    talk();
    assert_view(facts()->cipher, "ECDHE-RSA-AES256-GCM-SHA384");
    assert_string_equal(shown(), "rsa");
}

static void test_client_prefers(void **state)
{
    static const char *const suites[] = {"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_AES_128_GCM_SHA256"};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        char list[128];
        snprintf(list, sizeof(list), "%s:%s", suites[i], suites[(i + 1) % 3]);
        call("a.test");
        SSL_set_ciphersuites(ssl, list);
        talk();
        assert_view(facts()->cipher, suites[i]);
        assert_view(facts()->protocol, "TLSv1.3");
    }
}

/* The first key share is of a group that the server does not have: it asks for another, and is told the name twice. */
static void test_hello_retry(void **state)
{
    (void)state;
    call("a.test");
    SSL_set1_groups_list(ssl, "P-521:P-384");
    talk();
    assert_view(facts()->server_name, "a.test");
    assert_int_equal(ends.choose_count, 1);
    assert_true(facts()->group.len > 0);
}

/* Of OpenSSL 3.5 and later. */
static void test_group_against_quantum_computers(void **state)
{
    (void)state;
    call("a.test");
    if (SSL_set1_groups_list(ssl, "X25519MLKEM768:X25519") != 1) {
        print_message("%s has no X25519MLKEM768\n", OpenSSL_version(OPENSSL_VERSION));
        skip();
    }
    talk();
    assert_view(facts()->group, "X25519MLKEM768");
    call("a.test");
    SSL_set1_groups_list(ssl, "X25519");
    talk();
    assert_non_null(strcasestr(facts()->group.ptr, "x25519"));
}

static void test_old_versions(void **state)
{
    (void)state;
    call("a.test");
    SSL_set_security_level(ssl, 0);
    SSL_set_min_proto_version(ssl, TLS1_VERSION);
    SSL_set_max_proto_version(ssl, TLS1_1_VERSION);
    talk();
    assert_refused("protocol version", "does not offer TLS 1.2");
    assert_int_equal(tls_session_failure(near_end.session), TLS_FAILURE_VERSION);
}

static void test_modern(void **state)
{
    (void)state;
    call("a.test");
    SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    talk();
    assert_refused("protocol version", "as the policy wants it");
    call("a.test");
    talk();
    assert_view(facts()->protocol, "TLSv1.3");
}

static void test_weak_ciphers(void **state)
{
    (void)state;
    call("a.test");
    SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    SSL_set_cipher_list(ssl, "AES128-SHA:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-GCM-SHA256");
    talk();
    assert_refused("handshake failure", "no cipher that the policy allows");
}

/* ---- protocols ---------------------------------------------------------------------------------- */

static void offer(const char *list)
{
    SSL_set_alpn_protos(ssl, (const unsigned char *)list, (unsigned)strlen(list));
}

static void assert_agreed(const char *protocol)
{
    const unsigned char *bytes;
    unsigned len;
    facts();
    SSL_get0_alpn_selected(ssl, &bytes, &len);
    assert_view(view_of((const char *)bytes, len), protocol);
}

static void test_protocols(void **state)
{
    (void)state;
    call("a.test");
    offer("\x02h2\x08http/1.1");
    talk();
    assert_agreed("http/1.1");
    call("a.test");
    talk();
    assert_agreed("");
    call("a.test");
    offer("\x02h2");
    talk();
    assert_refused("no application protocol", "does not offer to speak HTTP/1.1");
    call("a.test");
    offer("\x08http/1.1\x0a"
          "acme-tls/1");
    talk();
    assert_agreed("http/1.1");
    assert_false(facts()->is_challenge);
}

static void test_challenge(void **state)
{
    const char *list = "\x0a"
                       "acme-tls/1";
    (void)state;
    call("a.test");
    offer(list);
    talk();
    assert_agreed("acme-tls/1");
    assert_true(facts()->is_challenge);
    assert_string_equal(shown(), "rsa");
    assert_int_equal(ticket_count, 0);
    call("b.test");
    offer(list);
    talk();
    assert_refused("no application protocol", "no TLS-ALPN-01 challenge");
}

/* ---- tickets ------------------------------------------------------------------------------------ */

static void call_again(const char *name, int version)
{
    call(name);
    SSL_set_max_proto_version(ssl, version);
    if (ticket)
        SSL_set_session(ssl, ticket);
    talk();
}

static void test_tickets(void **state)
{
    (void)state;
    call_again("a.test", TLS1_3_VERSION);
    assert_false(facts()->is_resumed);
    assert_int_equal(ticket_count, 1); /* one for each handshake */
    call_again("a.test", TLS1_3_VERSION);
    assert_true(facts()->is_resumed);
    assert_view(facts()->server_name, "a.test");
    assert_true(tls_session_covers(near_end.session, VIEW("a.test")));
    assert_int_equal(ticket_count, 2); /* it is used once */
}

/* It begins with the name of its key. */
static const unsigned char *ticket_of(const SSL_SESSION *session)
{
    const unsigned char *bytes;
    size_t len;
    SSL_SESSION_get0_ticket(session, &bytes, &len);
    assert_true(len > 16);
    return bytes;
}

static void test_tickets_of_12(void **state)
{
    (void)state;
    call_again("a.test", TLS1_2_VERSION);
    assert_int_equal(ticket_count, 1);
    call_again("a.test", TLS1_2_VERSION);
    assert_true(facts()->is_resumed);
    assert_int_equal(ticket_count, 1);
    tls_tickets_rotate(ends.tickets, 1);
    tls_tickets_rotate(ends.tickets, UINT64_C(3601000000000));
    call_again("a.test", TLS1_2_VERSION); /* by an older key: taken, and issued anew */
    assert_true(facts()->is_resumed);
    assert_memory_not_equal(ticket_of(SSL_get_session(ssl)), ticket_of(ticket), 16);
}

static void test_no_tickets(void **state)
{
    (void)state;
    call_again("a.test", TLS1_3_VERSION);
    call_again("a.test", TLS1_2_VERSION);
    facts();
    assert_int_equal(ticket_count, 0);
}

/* ---- certificates of clients -------------------------------------------------------------------- */

static void show(const struct made_certificate *certificate)
{
    SSL_use_certificate(ssl, certificate->certificate);
    SSL_use_PrivateKey(ssl, certificate->key);
}

static void test_client_verdicts(void **state)
{
    (void)state;
    call("a.test");
    show(&ends.client_certificate);
    talk();
    assert_int_equal(facts()->client, TLS_CLIENT_NOT_ASKED);
    call("b.test");
    talk();
    assert_int_equal(facts()->client, TLS_CLIENT_NONE);
    call("b.test");
    show(&ends.client_certificate);
    talk();
    assert_int_equal(facts()->client, TLS_CLIENT_VALID);
    assert_view(facts()->client_subject, "CN=someone\\, or \\\"other\\\"");
    assert_int_equal(facts()->client_fingerprint.len, 64);
    call("b.test");
    show(&ends.rsa);
    talk(); /* the handshake goes through */
    assert_int_equal(facts()->client, TLS_CLIENT_INVALID);
    assert_true(facts()->client_problem.len > 0);
}

/* Neither a good verdict nor a bad one nor none goes along to a host with other CAs; to the same one each does. */
static void test_verdicts_stay_with_their_host(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        SSL_SESSION_free(ticket);
        ticket = NULL;
        call_again("a.test", versions[i]);
        call_again("b.test", versions[i]);
        assert_false(facts()->is_resumed);
        assert_int_equal(facts()->client, TLS_CLIENT_NONE);
        call("b.test");
        SSL_set_max_proto_version(ssl, versions[i]);
        show(&ends.rsa);
        talk();
        assert_int_equal(facts()->client, TLS_CLIENT_INVALID);
        call_again("b.test", versions[i]);
        assert_true(facts()->is_resumed);
        assert_int_equal(facts()->client, TLS_CLIENT_INVALID);
        call_again("a.test", versions[i]);
        assert_false(facts()->is_resumed);
        assert_int_equal(facts()->client, TLS_CLIENT_NOT_ASKED);
    }
}

/* ---- what else a client may try ----------------------------------------------------------------- */

static void test_renegotiation(void **state)
{
    (void)state;
    call("a.test");
    SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    talk();
    facts();
    assert_int_equal(SSL_renegotiate(ssl), 1);
    talk();
    assert_string_equal(alert, "no renegotiation");
}

static void test_new_keys_for_ever(void **state)
{
    char bytes[100];
    unsigned count = 0;
    ssize_t got = -EAGAIN;
    (void)state;
    call("a.test");
    talk();
    facts();
    for (; got == -EAGAIN && count < 10000; count++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(ssl);
        carry();
        got = tls_session_read(near_end.session, bytes, sizeof(bytes));
    }
    assert_int_equal(got, -EPROTO);
    assert_in_range(count, 100, 9999);
}

/* Its owner is gone while a handshake is under way. */
static void test_server_goes_first(void **state)
{
    (void)state;
    call("a.test");
    tls_server_free(ends.server);
    ends.server = NULL;
    talk();
    assert_refused("unrecognized name", "no certificate");
}

#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_names),
        SERVER_TEST(test_names_that_none_can_have),
        SERVER_TEST(test_key_that_the_client_can_verify),
        SERVER_TEST(test_client_prefers),
        SERVER_TEST(test_hello_retry),
        SERVER_TEST(test_group_against_quantum_computers),
        SERVER_TEST(test_old_versions),
        cmocka_unit_test_setup_teardown(test_modern, set_up_modern, tear_down),
        SERVER_TEST(test_weak_ciphers),
        SERVER_TEST(test_protocols),
        SERVER_TEST(test_challenge),
        SERVER_TEST(test_tickets),
        SERVER_TEST(test_tickets_of_12),
        cmocka_unit_test_setup_teardown(test_no_tickets, set_up_without_tickets, tear_down),
        SERVER_TEST(test_client_verdicts),
        SERVER_TEST(test_verdicts_stay_with_their_host),
        SERVER_TEST(test_renegotiation),
        SERVER_TEST(test_new_keys_for_ever),
        SERVER_TEST(test_server_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
