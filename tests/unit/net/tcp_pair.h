/* Two descriptors of one TCP connection over loopback; those of it that a test still has it closes.
 */
#ifndef TESTS_UNIT_NET_TCP_PAIR_H
#define TESTS_UNIT_NET_TCP_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct tcp_pair {
    int near_fd;
    int far_fd;
};

static inline struct tcp_pair tcp_pair_open(void)
{
    struct tcp_pair pair;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    pair.near_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(pair.near_fd, (struct sockaddr *)&at, len), 0);
    pair.far_fd = accept(listener, NULL, NULL);
    assert_true(pair.far_fd >= 0);
    close(listener);
    return pair;
}

static inline void tcp_pair_close(struct tcp_pair *pair)
{
    close(pair->near_fd);
    close(pair->far_fd);
}

#endif
