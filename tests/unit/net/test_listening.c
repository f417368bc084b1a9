/* Each socket of an address is bound once, and is whose it was lent to. */
#include "lb/net/listening.h"

#include "tcp_pair.h"

#include <errno.h>
#include <poll.h>

#include "lb/net/socket.h"

static struct address anywhere(void)
{
    struct address at;
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    return at;
}

static void test_all_have_one_port(void **state)
{
    struct listening listening;
    struct address any = anywhere();
    (void)state;
    assert_int_equal(listening_open(&listening, &any, 3), 0);
    assert_int_equal(listening.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        struct address at;
        assert_true(socket_address(listening.fds[i], &at));
        assert_true(address_eq(&at, &listening.at));
        assert_false(address_eq(&at, &any));
    }
    listening_close(&listening);
}

static bool is_refused(const struct address *at)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int rc = connect(fd, &at->socket.any, address_size(at));
    close(fd);
    return rc < 0 && errno == ECONNREFUSED;
}

/* What was lent goes on after the lender has closed, and ends with the one who has it. */
static void test_lent_socket_outlives_the_rest(void **state)
{
    struct listening listening;
    struct address any = anywhere();
    (void)state;
    assert_int_equal(listening_open(&listening, &any, 2), 0);
    struct address at = listening.at;
    int lent = listening_lend(&listening, 1);
    listening_close(&listening);
    listening_close(&listening);
    assert_true(address_eq(&listening.at, &at));
    for (unsigned i = 0; i < 4; i++) {
        struct pollfd waiting = {.fd = lent, .events = POLLIN};
        assert_false(is_refused(&at));
        assert_int_equal(poll(&waiting, 1, 1000), 1);
        close(accept(lent, NULL, NULL));
    }
    close(lent);
    assert_true(is_refused(&at));
}

/* Though every socket of it shares its port. */
static void test_port_of_another_is_refused(void **state)
{
    struct listening first, second;
    struct address any = anywhere();
    (void)state;
    assert_int_equal(listening_open(&first, &any, 1), 0);
    assert_int_equal(listening_check_free(&first.at), -EADDRINUSE);
    assert_int_equal(listening_open(&second, &first.at, 1), -EADDRINUSE);
    assert_int_equal(second.count, 0);
    listening_close(&second);
    struct address at = first.at;
    listening_close(&first);
    assert_int_equal(listening_check_free(&at), 0);
}

static void test_address_of_another_machine_is_refused(void **state)
{
    struct listening listening;
    struct address at;
    (void)state;
    assert_true(address_parse(VIEW("192.0.2.1:80"), &at)); /* RFC 5737 */
    assert_true(listening_open(&listening, &at, 2) < 0);
    assert_int_equal(listening.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_have_one_port),
        cmocka_unit_test(test_lent_socket_outlives_the_rest),
        cmocka_unit_test(test_port_of_another_is_refused),
        cmocka_unit_test(test_address_of_another_machine_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
