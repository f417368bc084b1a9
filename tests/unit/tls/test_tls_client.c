/* Whom lb believes as a client, and that it takes sessions up again. */
#include "lb/tls/tls_session_state.h"
#include "lb/tls/tls_tickets.h"
#include "tls_ends.h"

static int set_up(void **state)
{
    (void)state;
    ends_open(TLS_POLICY_INTERMEDIATE, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ends_close();
    return 0;
}

static void meet(struct tls_client *client)
{
    char bytes[100];
    pair_open(ends.server, client);
    pair_shake();
    if (far_end.step == TLS_STEP_DONE) /* tickets */
        tls_session_read(far_end.session, bytes, sizeof(bytes));
}

static void assert_believes(const char *name)
{
    struct tls_client *client = ends_client(name);
    meet(client);
    assert_int_equal(far_end.step, TLS_STEP_DONE);
    assert_int_equal(near_end.step, TLS_STEP_DONE);
    pair_close();
    tls_client_unref(client);
}

static void test_believes(void **state)
{
    (void)state;
    assert_believes("a.test");
    assert_believes("192.0.2.1");
    assert_believes("");
}

static void assert_disbelieves(struct tls_client *client, const char *why)
{
    meet(client);
    assert_int_equal(far_end.step, TLS_STEP_FAILED);
    if (!strstr(tls_session_problem(far_end.session).ptr, why))
        fail_msg("\"%s\" is not in \"%s\"", why, tls_session_problem(far_end.session).ptr);
    assert_int_equal(near_end.step, TLS_STEP_FAILED);
    pair_close();
    tls_client_unref(client);
}

static struct tls_client *client_of(struct tls_client_options options)
{
    struct text problem = TEXT_INIT;
    struct tls_client *client = tls_client_new(&options, &problem);
    if (!client)
        fail_msg("%s", text_str(&problem));
    return client;
}

static void test_disbelieves(void **state)
{
    (void)state;
    assert_disbelieves(ends_client("c.test"), "is for a.test, b.test, not c.test");
    assert_disbelieves(ends_client("192.0.2.2"), "not 192.0.2.2");
    assert_disbelieves(client_of((struct tls_client_options){
                           .verifies = true, .ca = text_view(&ends.client_authority.pem)}),
                       "is signed by itself");
    assert_disbelieves(client_of((struct tls_client_options){.verifies = true}),
                       "is signed by itself");
}

static void test_believes_anybody(void **state)
{
    struct tls_client *client = client_of((struct tls_client_options){.name = VIEW("c.test")});
    (void)state;
    meet(client);
    assert_int_equal(far_end.step, TLS_STEP_DONE);
    pair_close();
    tls_client_unref(client);
}

static void test_takes_up_again(void **state)
{
    struct tls_client *client = ends_client("a.test");
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        meet(client);
        assert_int_equal(far_end.step, TLS_STEP_DONE);
        assert_int_equal(tls_session_facts(far_end.session)->is_resumed, i > 0);
        assert_int_equal(tls_session_facts(near_end.session)->is_resumed, i > 0);
        pair_close();
    }
    tls_client_unref(client);
}

/* A ticket that comes with a session that was taken up goes on for the one before, whose key the server drops. */
static void take_up_over_new_keys(int version)
{
    struct tls_client *client = ends_client("a.test");
    tls_tickets_rotate(ends.tickets, 1);
    for (unsigned i = 0; i < 8; i++) {
        char bytes[100];
        pair_open(ends.server, client);
        SSL_set_max_proto_version(near_end.session->ssl, version);
        pair_shake();
        assert_int_equal(far_end.step, TLS_STEP_DONE);
        assert_int_equal(SSL_version(near_end.session->ssl), version);
        tls_session_read(far_end.session, bytes, sizeof(bytes));
        assert_int_equal(tls_session_facts(far_end.session)->is_resumed, i > 0);
        pair_close();
        tls_tickets_rotate(ends.tickets, 1 + (i + 1) * UINT64_C(3600000000000));
    }
    tls_client_unref(client);
}

static void test_takes_up_over_new_keys(void **state)
{
    (void)state;
    take_up_over_new_keys(TLS1_2_VERSION);
    ends_close();
    ends_open(TLS_POLICY_INTERMEDIATE, true);
    take_up_over_new_keys(TLS1_3_VERSION);
}

static void test_no_authority(void **state)
{
    struct text problem = TEXT_INIT, half = TEXT_INIT;
    (void)state;
    assert_null(tls_client_new(
        &(struct tls_client_options){.verifies = true, .ca = VIEW("no certificate")}, &problem));
    assert_non_null(strstr(text_str(&problem), "no certificates of CAs"));
    text_append(&half, text_view(&ends.ecdsa.pem));
    text_append(&half, view_of(ends.rsa.pem.bytes, 200));
    assert_null(tls_client_new(
        &(struct tls_client_options){.verifies = true, .ca = text_view(&half)}, &problem));
    text_fini(&problem);
    text_fini(&half);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(test_believes),         CLIENT_TEST(test_disbelieves),
        CLIENT_TEST(test_believes_anybody), CLIENT_TEST(test_takes_up_again),
        CLIENT_TEST(test_no_authority),     CLIENT_TEST(test_takes_up_over_new_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
