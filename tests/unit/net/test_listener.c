/* Who was accepted, and what happens while nobody can be. */
#include "stream_pair.h"

#include <sys/resource.h>
#include <unistd.h>

static void test_peer_of_the_accepted(void **state)
{
    struct sockaddr_storage name;
    struct address local;
    int len = sizeof(name);
    (void)state;
    assert_int_equal(
        uv_tcp_getsockname(&client.stream.transport.tcp, (struct sockaddr *)&name, &len), 0);
    assert_true(address_from_sockaddr((struct sockaddr *)&name, &local));
    assert_true(address_eq(&listener.peer, &local));
}

static struct end taken;

static void on_late_connection(void *owner, struct listener *from)
{
    (void)owner;
    assert_int_equal(stream_accept(&taken.stream, &loop, from, &end_handler, &taken), 0);
}

/* What comes while there are no descriptors is accepted when there are some again. */
static void test_out_of_descriptors(void **state)
{
    struct listener late;
    struct end other = {0};
    struct address at;
    struct rlimit usual, none;
    (void)state;
    taken = (struct end){0};
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    assert_int_equal(listener_open(&late, &loop, socket_listen(&at), on_late_connection, NULL), 0);
    assert_true(socket_address(late.fd, &at));
    assert_int_equal(stream_connect(&other.stream, &loop, &at, &end_handler, &other), 0);
    int free_fd = dup(0);
    close(free_fd);
    getrlimit(RLIMIT_NOFILE, &usual);
    none = (struct rlimit){.rlim_cur = (rlim_t)free_fd, .rlim_max = usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    WAIT_FOR(other.connected_count > 0);
    turn();
    assert_null(taken.stream.loop);
    assert_true(deadline_is_armed(&late.rest));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    WAIT_FOR(taken.stream.loop != NULL);
    listener_close(&late);
    stream_close(&other.stream);
    stream_close(&taken.stream);
    WAIT_FOR(other.closed_count > 0 && taken.closed_count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR_TEST(test_peer_of_the_accepted),
        PAIR_TEST(test_out_of_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
