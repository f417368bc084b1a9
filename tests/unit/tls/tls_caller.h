/* A client of OpenSSL's own that calls the server of tls_ends.h. Included once. */
#ifndef TESTS_UNIT_TLS_TLS_CALLER_H
#define TESTS_UNIT_TLS_TLS_CALLER_H

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "lb/tls/tls_tickets.h"
#include "tls_ends.h"

static SSL_CTX *context;
static SSL *ssl;
static SSL_SESSION *ticket;
static unsigned ticket_count;
static const char *alert;

static int on_ticket(SSL *from, SSL_SESSION *fresh)
{
    (void)from;
    SSL_SESSION_free(ticket);
    ticket = fresh;
    ticket_count++;
    return 1;
}

static void on_info(const SSL *from, int where, int value)
{
    (void)from;
    if ((where & (SSL_CB_READ_ALERT)) == SSL_CB_READ_ALERT)
        alert = SSL_alert_desc_string_long(value);
}

static int open_with(enum tls_policy policy, bool has_tickets)
{
    ends_open(policy, has_tickets);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_ticket);
    SSL_CTX_set_info_callback(context, on_info);
    ticket = NULL;
    ticket_count = 0;
    ssl = NULL;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return open_with(TLS_POLICY_INTERMEDIATE, true);
}

static int set_up_modern(void **state)
{
    (void)state;
    return open_with(TLS_POLICY_MODERN, true);
}

static int set_up_without_tickets(void **state)
{
    (void)state;
    return open_with(TLS_POLICY_INTERMEDIATE, false);
}

static void hang_up(void)
{
    if (!ssl)
        return;
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* its ticket stays good */
    SSL_free(ssl);
    ssl = NULL;
    pair_close();
}

static int tear_down(void **state)
{
    (void)state;
    hang_up();
    SSL_SESSION_free(ticket);
    SSL_CTX_free(context);
    ends_close();
    return 0;
}

/* A call to `name`; what is to be unlike others is set on `ssl` before talk(). */
static void call(const char *name)
{
    hang_up();
    pair_open(ends.server, NULL);
    alert = NULL;
    ssl = SSL_new(context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    if (name)
        SSL_set_tlsext_host_name(ssl, name);
}

static bool carry(void)
{
    char bytes[4096];
    int count;
    bool is_any = far_end.inbox.len > far_end.taken;
    if (is_any)
        BIO_write(SSL_get_rbio(ssl), far_end.inbox.bytes + far_end.taken,
                  (int)(far_end.inbox.len - far_end.taken));
    far_end.taken = far_end.inbox.len;
    while ((count = BIO_read(SSL_get_wbio(ssl), bytes, sizeof(bytes))) > 0) {
        text_append(&near_end.inbox, view_of(bytes, (size_t)count));
        is_any = true;
    }
    return is_any;
}

/* Until nobody says anything. */
static void talk(void)
{
    char bytes[4096];
    ERR_clear_error();
    do {
        SSL_do_handshake(ssl);
        if (SSL_is_init_finished(ssl))
            SSL_read(ssl, bytes, sizeof(bytes));
        carry();
        if (near_end.step == TLS_STEP_WAITS)
            near_end.step = tls_session_shake_hands(near_end.session);
        else if (near_end.step == TLS_STEP_DONE)
            tls_session_read(near_end.session, bytes, sizeof(bytes));
    } while (carry());
}

static const struct tls_session_facts *facts(void)
{
    if (near_end.step != TLS_STEP_DONE)
        fail_msg("%.*s", (int)tls_session_problem(near_end.session).len,
                 tls_session_problem(near_end.session).ptr);
    return tls_session_facts(near_end.session);
}

static void assert_refused(const char *by, const char *why)
{
    assert_int_equal(near_end.step, TLS_STEP_FAILED);
    assert_non_null(alert);
    assert_string_equal(alert, by);
    if (!strstr(tls_session_problem(near_end.session).ptr, why))
        fail_msg("\"%s\" is not in \"%s\"", why, tls_session_problem(near_end.session).ptr);
}

static void assert_view(struct view is, const char *wanted)
{
    if (!view_eq(is, view_str(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)is.len, is.ptr, wanted);
}

#endif
