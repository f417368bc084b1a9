/* Sets of listeners, and who holds what of them. */
#include "lb/crew/listener_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "lb/net/datagram.h"
#include "tests/unit/support/local_sockets.h"

static struct listener_port *open_port(enum service_kind kind)
{
    struct address at;
    int status = 1;
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    struct listener_port *port = local_sockets_port(kind, &at, 2, &status);
    assert_non_null(port);
    assert_int_equal(status, 0);
    return port;
}

static void test_the_last_reference_closes_what_nobody_took(void **state)
{
    (void)state;
    struct listener_port *port = open_port(SERVICE_TCP);
    struct address at = port->listening.at;
    struct listener_set *set = listener_set_new(&port, 1), *next = listener_set_new(&port, 1);
    assert_false(listener_port_is_alone(port));
    int lent = listening_lend(&port->listening, 1);
    listener_set_unref(listener_set_ref(set));
    listener_set_unref(set);
    assert_false(listener_port_is_alone(port));
    listener_set_unref(next);
    assert_true(listener_port_is_alone(port));
    assert_int_equal(listening_check_free(&at), -EADDRINUSE);
    listener_port_unref(port);
    assert_int_equal(listening_check_free(&at), -EADDRINUSE);
    close(lent);
    assert_int_equal(listening_check_free(&at), 0);
}

/* A UDP port whose number nobody else has for TCP at the moment. */
static struct listener_port *open_lonely_udp(struct listener_port **tcp)
{
    for (unsigned i = 0; i < 100; i++) {
        int status;
        struct listener_port *udp = open_port(SERVICE_UDP);
        *tcp = local_sockets_port(SERVICE_TCP, &udp->listening.at, 1, &status);
        if (*tcp)
            return udp;
        listener_port_unref(udp);
    }
    fail_msg("all numbers are taken");
    return NULL;
}

static void test_both_protocols_may_have_one_number(void **state)
{
    struct listener_port *tcp;
    int status;
    (void)state;
    struct listener_port *udp = open_lonely_udp(&tcp);
    assert_int_equal(datagram_check_free(&udp->listening.at), -EADDRINUSE);
    assert_null(local_sockets_port(SERVICE_TCP, &udp->listening.at, 1, &status));
    assert_int_equal(status, -EADDRINUSE);
    assert_null(local_sockets_port(SERVICE_UDP, &udp->listening.at, 1, &status));
    assert_int_equal(status, -EADDRINUSE);
    listener_port_unref(udp);
    listener_port_unref(tcp);
}

static void test_what_a_set_has(void **state)
{
    struct listener_port *ports[3];
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        ports[i] = open_port(SERVICE_TCP);
    struct listener_set *two = listener_set_new(ports, 2), *none = listener_set_new(ports, 0);
    assert_true(listener_set_has(two, ports[0]) && listener_set_has(two, ports[1]));
    assert_false(listener_set_has(two, ports[2]) || listener_set_has(none, ports[0]));
    listener_set_unref(two);
    listener_set_unref(none);
    listener_set_unref(NULL);
    for (unsigned i = 0; i < 3; i++)
        listener_port_unref(ports[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_reference_closes_what_nobody_took),
        cmocka_unit_test(test_both_protocols_may_have_one_number),
        cmocka_unit_test(test_what_a_set_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
