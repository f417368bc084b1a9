/* Which sockets there are to lend, and that a refused address leaves none behind. */
#include "lb/run/ports.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/support/local_sockets.h"

static const struct lender lender = {.lend = local_sockets_lend,
                                     .take_back = local_sockets_take_back};

/* The addresses are of this program's only one at a time. */
static struct config config_of(unsigned listen_count, bool has_admin)
{
    static struct address listens[CONFIG_LISTEN_MAX];
    struct config config = {
        .listens = listens, .listen_count = listen_count, .admin_enabled = has_admin};
    for (unsigned i = 0; i < listen_count; i++)
        assert_true(address_parse(VIEW("127.0.0.1:0"), &config.listens[i]));
    assert_true(address_parse(VIEW("127.0.0.1:0"), &config.admin));
    return config;
}

static void test_socket_for_each_worker_and_one_for_admin(void **state)
{
    struct config config = config_of(2, true);
    struct ports ports;
    (void)state;
    assert_true(ports_open(&ports, &config, &lender, &lender, 3));
    assert_int_equal(ports.listen_count, 2);
    assert_int_equal(ports.listens[0].count, 3);
    assert_int_equal(ports.listens[1].count, 3);
    assert_int_equal(ports.admin.count, 1);
    assert_false(address_eq(&ports.listens[0].at, &ports.listens[1].at));
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(listening_check_free(&ports.listens[i].at), -EADDRINUSE);
    assert_false(ports_last(&ports));
    ports.listens[1].is_lasting = true;
    assert_true(ports_last(&ports));
    int lent = listening_lend(&ports.listens[1], 2);
    ports_close(&ports);
    assert_int_equal(listening_check_free(&ports.listens[0].at), 0);
    assert_int_equal(listening_check_free(&ports.listens[1].at), -EADDRINUSE);
    close(lent);
}

static void test_without_admin(void **state)
{
    struct config config = config_of(1, false);
    struct ports ports;
    (void)state;
    assert_true(ports_open(&ports, &config, &lender, &lender, 1));
    assert_int_equal(ports.admin.count, 0);
    ports_close(&ports);
}

/* One that is taken is gone on without; nothing is left of it. */
static void test_also_where_it_can_be_had(void **state)
{
    struct config config = config_of(1, false);
    struct address also[2] = {config.listens[0], config.listens[0]};
    struct ports ports, others;
    (void)state;
    assert_true(ports_open(&others, &config, &lender, &lender, 1));
    also[0] = others.listens[0].at;
    config.also = also;
    config.also_count = 2;
    assert_true(ports_open(&ports, &config, &lender, &lender, 2));
    assert_int_equal(ports.listen_count, 2);
    assert_int_equal(ports.listens[1].count, 2);
    assert_false(address_eq(&ports.listens[1].at, &also[0]));
    ports_close(&ports);
    ports_close(&others);
}

/* Also the last of all, which is the admin listener's. */
static void test_refused_address_leaves_nothing(void **state)
{
    struct config config = config_of(2, true);
    struct ports ports, others;
    (void)state;
    assert_true(ports_open(&others, &config, &lender, &lender, 1));
    struct address taken = others.listens[0].at;
    config.admin = taken;
    assert_false(ports_open(&ports, &config, &lender, &lender, 2));
    struct address opened = ports.listens[1].at;
    ports_close(&ports);
    assert_int_equal(listening_check_free(&opened), 0);
    config.listens[1] = taken;
    assert_false(ports_open(&ports, &config, &lender, &lender, 2));
    assert_int_equal(ports.listen_count, 1);
    ports_close(&ports);
    ports_close(&others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_for_each_worker_and_one_for_admin),
        cmocka_unit_test(test_without_admin),
        cmocka_unit_test(test_also_where_it_can_be_had),
        cmocka_unit_test(test_refused_address_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
