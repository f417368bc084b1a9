/* Workers have servers of their own, and share identities, CAs of clients and keys of tickets, which are changed meanwhile: the
 * thread sanitizer reads along. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lb/tls/tls_session.h"
#include "lb/tls/tls_tickets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/support/made_certificate.h"

#define WORKERS    3u
#define HANDSHAKES 40u

struct end {
    struct text inbox;
    size_t taken;
    struct end *other;
};

static struct tls_host host;
static struct tls_tickets *tickets;
static struct made_certificate made;
static atomic_uint done_count, resumed_count;

static ssize_t receive(void *owner, char *bytes, size_t most)
{
    struct end *end = owner;
    size_t len = end->inbox.len - end->taken;
    if (len > most)
        len = most;
    if (len == 0)
        return -EAGAIN;
    memcpy(bytes, end->inbox.bytes + end->taken, len);
    end->taken += len;
    return (ssize_t)len;
}

static int send_all(void *owner, const char *bytes, size_t len)
{
    text_append(&((struct end *)owner)->other->inbox, view_of(bytes, len));
    return 0;
}

static struct tls_choice choose(void *owner, struct view name)
{
    (void)owner, (void)name;
    return (struct tls_choice){.host = &host};
}

static void meet(struct tls_server *server, struct tls_client *client, struct tls_buffers *buffers)
{
    struct end here = {0}, there = {.other = &here};
    here.other = &there;
    struct tls_wire wire = {
        .receive = receive, .send = send_all, .owner = &here, .buffers = buffers};
    struct tls_session *accepted = tls_session_accept(server, &wire);
    wire.owner = &there;
    struct tls_session *connected = tls_session_connect(client, VIEW("peer"), &wire);
    enum tls_step step = TLS_STEP_WAITS, other_step = TLS_STEP_WAITS;
    for (unsigned i = 0; i < 5 && step == TLS_STEP_WAITS; i++) {
        if (other_step == TLS_STEP_WAITS)
            other_step = tls_session_shake_hands(connected);
        step = tls_session_shake_hands(accepted);
    }
    char bytes[100];
    if (step == TLS_STEP_DONE && other_step == TLS_STEP_DONE) {
        tls_session_read(connected, bytes, sizeof(bytes));
        atomic_fetch_add(&done_count, 1);
        atomic_fetch_add(&resumed_count, tls_session_facts(accepted)->is_resumed);
    }
    tls_session_free(accepted);
    tls_session_free(connected);
    text_fini(&here.inbox);
    text_fini(&there.inbox);
}

static void *work(void *unused)
{
    struct text problem = TEXT_INIT;
    struct tls_buffers buffers = {0};
    struct tls_server *server = tls_server_new(
        &(struct tls_server_options){.choose = choose, .tickets = tickets}, &problem);
    struct tls_client *client = tls_client_new(
        &(struct tls_client_options){
            .verifies = true, .ca = text_view(&made.pem), .name = VIEW("a.test")},
        &problem);
    for (unsigned i = 0; i < HANDSHAKES && server && client; i++)
        meet(server, client, &buffers);
    tls_client_unref(client);
    tls_server_free(server);
    tls_buffers_fini(&buffers);
    text_fini(&problem);
    return unused;
}

static void test_workers_share(void **state)
{
    pthread_t threads[WORKERS];
    struct text problem = TEXT_INIT;
    (void)state;
    made = made_certificate_new((struct made_wish){.subject = "a", .names = "DNS:a.test"});
    host.identities[TLS_KEY_ECDSA] =
        tls_identity_read(text_view(&made.pem), text_view(&made.key_pem), time(NULL), &problem);
    host.client_ca = tls_client_ca_read(text_view(&made.pem), VIEW(""), &problem, &(bool){false});
    tickets = tls_tickets_new();
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    for (uint64_t hour = 1; atomic_load(&done_count) < WORKERS * HANDSHAKES / 2; hour++) {
        tls_tickets_rotate(tickets, hour * UINT64_C(900000000000));
        tls_identity_unref(tls_identity_ref(host.identities[TLS_KEY_ECDSA]));
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&done_count), WORKERS * HANDSHAKES);
    assert_true(atomic_load(&resumed_count) > WORKERS);
    tls_tickets_free(tickets);
    tls_identity_unref(host.identities[TLS_KEY_ECDSA]);
    tls_client_ca_unref(host.client_ca);
    made_certificate_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_workers_share)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
