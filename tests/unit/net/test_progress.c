/* What a peer that takes bytes, and one that does not, look like from here. */
#include "lb/net/progress.h"

#include "tcp_pair.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>

static char bytes[1 << 16];

static void fill(int fd)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (send(fd, bytes, sizeof(bytes), 0) > 0)
        ;
}

static void test_taken_bytes_are_acknowledged(void **state)
{
    struct tcp_pair pair = tcp_pair_open();
    (void)state;
    uint64_t before = progress_acknowledged_bytes(pair.near_fd);
    assert_true(before <= 1);
    assert_int_equal(progress_unacknowledged_bytes(pair.near_fd), 0);
    assert_int_equal(send(pair.near_fd, bytes, 1000, 0), 1000);
    assert_int_equal(recv(pair.far_fd, bytes, 1000, MSG_WAITALL), 1000);
    for (unsigned i = 0; i < 1000 && progress_unacknowledged_bytes(pair.near_fd) > 0; i++)
        usleep(1000);
    assert_int_equal(progress_unacknowledged_bytes(pair.near_fd), 0);
    uint64_t taken = progress_acknowledged_bytes(pair.near_fd);
    assert_true(taken >= 1000 && taken <= 1001);
    tcp_pair_close(&pair);
}

static void test_full_peer_leaves_the_rest(void **state)
{
    struct tcp_pair pair = tcp_pair_open();
    (void)state;
    fill(pair.near_fd);
    size_t before = progress_unacknowledged_bytes(pair.near_fd);
    assert_true(before > 0);
    assert_false(progress_is_peer_lost(pair.near_fd, 0)); /* it answers that it has no room */
    while (progress_unacknowledged_bytes(pair.near_fd) >= before)
        assert_true(recv(pair.far_fd, bytes, sizeof(bytes), 0) > 0);
    tcp_pair_close(&pair);
}

/* The kernel's word is this file's own here. */
static struct {
    bool is_pretended;
    uint8_t retransmits;
    uint32_t silent_ms;
    socklen_t len; /* as old kernels give it */
} kernel;

int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    struct tcp_info info = {.tcpi_retransmits = kernel.retransmits,
                            .tcpi_last_ack_recv = kernel.silent_ms};
    if (!kernel.is_pretended)
        return __real_getsockopt(fd, level, name, value, len);
    *len = *len < kernel.len ? *len : kernel.len;
    memcpy(value, &info, *len < sizeof(info) ? *len : sizeof(info));
    return 0;
}

static void test_lost_after_three_retransmits_and_so_long(void **state)
{
    static const struct {
        uint8_t retransmits;
        uint32_t has_been_ms;
        unsigned silent_ms;
        bool is_lost;
    } rows[] = {
        {2, 9000, 0, false},   {3, 0, 0, true},         {3, 5999, 6000, false},
        {3, 6000, 6000, true}, {0, 60000, 6000, false}, /* nothing was on its way */
    };
    (void)state;
    kernel.is_pretended = true;
    kernel.len = sizeof(struct tcp_info);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        kernel.retransmits = rows[i].retransmits;
        kernel.silent_ms = rows[i].has_been_ms;
        assert_int_equal(progress_is_peer_lost(0, rows[i].silent_ms), rows[i].is_lost);
    }
    kernel.is_pretended = false;
}

static void test_old_kernel_does_not_tell(void **state)
{
    (void)state;
    kernel.is_pretended = true;
    kernel.len = 104; /* Linux 4.0 */
    assert_true(progress_acknowledged_bytes(0) == UINT64_MAX);
    kernel.is_pretended = false;
}

static void test_closed_descriptor_tells_nothing(void **state)
{
    (void)state;
    assert_int_equal(progress_unacknowledged_bytes(-1), 0);
    assert_true(progress_acknowledged_bytes(-1) == UINT64_MAX);
    assert_false(progress_is_peer_lost(-1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_bytes_are_acknowledged),
        cmocka_unit_test(test_full_peer_leaves_the_rest),
        cmocka_unit_test(test_lost_after_three_retransmits_and_so_long),
        cmocka_unit_test(test_old_kernel_does_not_tell),
        cmocka_unit_test(test_closed_descriptor_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
