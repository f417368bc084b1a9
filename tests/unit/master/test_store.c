#include "lb/master/store.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/net/socket.h"

static const struct store_asker first = {.number = 1}, second = {.number = 2};
static const struct store_asker sealed = {
    .number = 1, .is_sealed = true, .port_low = 700, .port_high = 800};

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct store));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    store_close(*state);
    free(*state);
    return 0;
}

static struct channel_socket asked(const char *role, uint16_t port, unsigned count)
{
    struct channel_socket wanted = {.kind = SERVICE_TCP, .count = count};
    snprintf(wanted.role, sizeof(wanted.role), "%s", role);
    address_parse_ip(VIEW("127.0.0.1"), port, &wanted.wanted);
    return wanted;
}

static uint16_t port_of(const struct store *store, int group)
{
    return address_port(&store->groups[group].key.bound);
}

static bool answers(uint16_t port)
{
    struct address at;
    address_parse_ip(VIEW("127.0.0.1"), port, &at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool is_there = connect(fd, &at.socket.any, address_size(&at)) == 0;
    close(fd);
    return is_there;
}

static void what_makes_no_sense_is_found(void **state)
{
    struct channel_socket wanted = asked("listen", 0, 1);
    (void)state;
    assert_true(store_is_sound(&wanted));
    wanted.wanted.socket.any.sa_family = AF_UNIX;
    assert_false(store_is_sound(&wanted));
    wanted = asked("", 0, 1);
    assert_false(store_is_sound(&wanted));
    wanted = asked("listen", 0, 0);
    assert_false(store_is_sound(&wanted));
    wanted = asked("listen", 0, CHANNEL_WORKERS_MAX + 1);
    assert_false(store_is_sound(&wanted));
    wanted = asked("listen", 0, 1);
    wanted.kind = SERVICE_KIND_COUNT;
    assert_false(store_is_sound(&wanted));
    wanted = asked("listen", 0, 1);
    memset(wanted.role, 'x', sizeof(wanted.role));
    assert_false(store_is_sound(&wanted));
}

static void the_same_is_the_same_and_grows(void **state)
{
    struct store *store = *state;
    struct channel_socket wanted = asked("listen", 0, 2);
    int fds[8];
    int group = store_want(store, &wanted, &first);
    assert_true(group >= 0);
    assert_int_equal(store_lend(store, (unsigned)group, 0, fds, 8), 2);
    uint16_t port = port_of(store, group);
    assert_int_equal(store_want(store, &wanted, &second), group);
    wanted.count = 5;
    assert_int_equal(store_want(store, &wanted, &second), group);
    assert_int_equal(store_lend(store, (unsigned)group, 0, fds, 8), 5);
    assert_int_equal(store_lend(store, (unsigned)group, 3, fds, 8), 2);
    assert_int_equal(store_lend(store, (unsigned)group, 3, fds, 1), 1);
    wanted.count = 1;
    store_want(store, &wanted, &second);
    assert_int_equal(store->groups[group].key.count, 5); /* it never shrinks */
    assert_int_equal(port_of(store, group), port);
    wanted.ordinal = 1;
    int other = store_want(store, &wanted, &second);
    assert_true(other != group && port_of(store, other) != port);
}

static void a_port_is_one_address_by_any_name(void **state)
{
    struct store *store = *state;
    struct channel_socket wanted = asked("listen", 0, 1);
    int any = store_want(store, &wanted, &first);
    uint16_t port = port_of(store, any);
    store_close(store);
    wanted = asked("listen", port, 1);
    int group = store_want(store, &wanted, &first);
    assert_true(group >= 0);
    wanted = asked("admin", port, 1);
    assert_int_equal(store_want(store, &wanted, &first), -EADDRINUSE); /* one process, twice */
    assert_int_equal(store_want(store, &wanted, &second), group);      /* its successor */
    assert_string_equal(store->groups[group].key.role, "admin");
}

static void who_else_listens_there_is_seen(void **state)
{
    struct store *store = *state;
    struct address at, bound;
    address_parse_ip(VIEW("127.0.0.1"), 0, &at);
    int other = socket_listen(&at);
    socket_address(other, &bound);
    struct channel_socket wanted = asked("listen", address_port(&bound), 1);
    assert_int_equal(store_want(store, &wanted, &first), -EADDRINUSE);
    assert_int_equal(store->socket_count, 0);
    close(other);
    assert_true(store_want(store, &wanted, &first) >= 0);
}

static void a_sealed_one_may_have_few(void **state)
{
    static const uint16_t ports[] = {0, 1, 80, 699, 801, 1023};
    struct store *store = *state;
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        struct channel_socket wanted = asked("tcp", ports[i], 1);
        assert_int_equal(store_want(store, &wanted, &sealed), -EACCES);
    }
    struct channel_socket wanted = asked("tcp", 700, 1);
    int group = store_want(store, &wanted, &sealed);
    assert_true(group >= 0 || (group == -EACCES && geteuid() != 0) || group == -EADDRINUSE);
    wanted = asked("listen", 0, 1);
    group = store_want(store, &wanted, &first);
    assert_int_equal(store_want(store, &wanted, &sealed), group); /* it was there before the seal */
}

static void what_nobody_asks_for_any_more_is_closed(void **state)
{
    struct store *store = *state;
    struct channel_socket settings = asked("listen", 0, 1), world = asked("tcp", 0, 1);
    int one = store_want(store, &settings, &first);
    int other = store_want(store, &world, &first);
    store->groups[other].is_static = false; /* as of a sealed process */
    uint16_t port = port_of(store, one), world_port = port_of(store, other);
    store_sweep(store, 1, true);
    assert_true(answers(port) && answers(world_port));
    store_sweep(store, 2, false); /* one serves that asked for neither */
    assert_false(answers(port));
    assert_true(answers(world_port));
    store_sweep(store, 2, true);
    assert_false(answers(world_port));
    assert_int_equal(store->socket_count, 0);
}

static void dropped_is_closed_by_its_own_name_only(void **state)
{
    struct store *store = *state;
    struct channel_socket wanted = asked("listen", 0, 3), other = asked("listen", 0, 1);
    other.ordinal = 7;
    int group = store_want(store, &wanted, &first);
    uint16_t port = port_of(store, group);
    store_drop(store, &other);
    assert_true(answers(port));
    store_drop(store, &wanted);
    assert_false(answers(port));
    store_drop(store, &wanted);
}

static void there_is_an_end_to_what_is_opened(void **state)
{
    struct store *store = *state;
    struct channel_socket wanted = asked("listen", 0, 1);
    store_want(store, &wanted, &first);
    unsigned real = store->socket_count;
    store->socket_count = STORE_SOCKETS_MAX;
    for (unsigned i = real; i < STORE_SOCKETS_MAX; i++)
        store->sockets[i] = (struct store_socket){.fd = -1, .group = STORE_SOCKETS_MAX};
    wanted.ordinal = 1;
    assert_int_equal(store_want(store, &wanted, &first), -EMFILE);
    assert_int_equal(store_adopt(store, &wanted, dup(0)), -EMFILE);
    store->socket_count = real;
}

static void an_inherited_one_goes_to_who_asks_for_its_address(void **state)
{
    struct store *store = *state;
    struct address at, bound;
    int fd = socket(AF_INET, SOCK_STREAM, 0), fds[4];
    address_parse_ip(VIEW("127.0.0.1"), 0, &at);
    assert_int_equal(bind(fd, &at.socket.any, address_size(&at)), 0);
    assert_int_equal(store_inherit(store, fd), -EINVAL); /* it does not listen */
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(store_inherit(store, fd), 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    socket_address(fd, &bound);
    struct channel_socket wanted = asked("listen", address_port(&bound), 3);
    int group = store_want(store, &wanted, &first);
    assert_true(group >= 0);
    assert_int_equal(store_lend(store, (unsigned)group, 0, fds, 4), 3);
    assert_int_equal(fds[0], fd);
    store_drop(store, &wanted);
    store_sweep(store, 9, true);
    assert_true(answers(address_port(&bound))); /* who has opened it closes it */
    assert_int_equal(store_want(store, &wanted, &second), group);
    assert_int_equal(store_inherit(store, -1), -EBADF);
}

static void those_of_another_master_keep_their_names(void **state)
{
    struct store *store = *state, *other = calloc(1, sizeof(*other));
    struct channel_socket wanted = asked("listen", 0, 2);
    int fds[2], group = store_want(store, &wanted, &first);
    uint16_t port = port_of(store, group);
    store_lend(store, (unsigned)group, 0, fds, 2);
    for (unsigned i = 0; i < 2; i++)
        assert_true(store_adopt(other, &store->groups[group].key, dup(fds[i])) >= 0);
    store_close(store);
    assert_true(answers(port));
    group = store_want(other, &wanted, &first);
    assert_int_equal(port_of(other, group), port);
    assert_int_equal(other->groups[group].key.count, 2);
    store_close(other);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_no_sense_is_found),
        cmocka_unit_test_setup_teardown(the_same_is_the_same_and_grows, setup, teardown),
        cmocka_unit_test_setup_teardown(a_port_is_one_address_by_any_name, setup, teardown),
        cmocka_unit_test_setup_teardown(who_else_listens_there_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sealed_one_may_have_few, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_asks_for_any_more_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(dropped_is_closed_by_its_own_name_only, setup, teardown),
        cmocka_unit_test_setup_teardown(there_is_an_end_to_what_is_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(an_inherited_one_goes_to_who_asks_for_its_address, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(those_of_another_master_keep_their_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
