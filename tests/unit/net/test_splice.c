/* Moves that the kernel refuses: splice(2) is this file's own here. And some that it does not make. */
#include "lb/net/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/net/tcp_pair.h"

static int failure; /* 0: the kernel's own */

ssize_t splice(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags)
{
    if (failure == 0)
        return syscall(SYS_splice, from, from_at, to, to_at, len, flags);
    errno = failure;
    return -1;
}

static const int refusals[] = {ENOMEM, ENOBUFS, EINVAL, ENOSYS, EPERM};

static void test_refused_moves_are_copies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct splice_pool pool = {.max_count = 1};
        char bytes[20000], got[20000];
        int ends[2];
        failure = refusals[i];
        memset(bytes, 'a' + (int)i, sizeof(bytes));
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        assert_int_equal(write(ends[0], bytes, sizeof(bytes)), sizeof(bytes));
        struct splice *tube = splice_take(&pool, 19000);
        size_t len = 0;
        while (tube->left > 0) {
            assert_true(splice_fill(tube, ends[1], SPLICE_PIPE_BYTES) > 0);
            assert_int_equal(splice_empty(tube, ends[1]), -EAGAIN);
            while (tube->len > 0)
                len += (size_t)splice_read(tube, got + len, sizeof(got) - len);
        }
        assert_int_equal(len, 19000);
        assert_memory_equal(got, bytes, len);
        assert_int_equal(read(ends[1], got, sizeof(got)), 1000); /* what is behind stays */
        tube->left = 1;
        assert_int_equal(splice_fill(tube, ends[1], SPLICE_PIPE_BYTES), -EAGAIN);
        close(ends[0]);
        assert_int_equal(splice_fill(tube, ends[1], SPLICE_PIPE_BYTES), 0);
        close(ends[1]);
        splice_give(&pool, tube);
        splice_pool_fini(&pool);
    }
}

static void test_broken_connections_are_told(void **state)
{
    struct splice_pool pool = {.max_count = 1};
    struct splice *tube = splice_take(&pool, 100);
    (void)state;
    failure = ECONNRESET;
    assert_int_equal(splice_fill(tube, -1, 100), -ECONNRESET);
    assert_int_equal(splice_empty(tube, -1), -ECONNRESET);
    splice_give(&pool, tube);
    splice_pool_fini(&pool);
}

/* All that comes until there is nothing, or the end: how many bytes; `*status`: which of both. */
static size_t take_all(struct splice_pool *pool, int fd, char *got, size_t room, ssize_t *status)
{
    struct splice *tube = splice_take(pool, UINT64_MAX);
    size_t len = 0;
    while ((*status = splice_fill(tube, fd, SPLICE_PIPE_BYTES)) > 0)
        while (tube->len > 0)
            len += (size_t)splice_read(tube, got + len, room - len);
    splice_give(pool, tube);
    return len;
}

/* The kernel moves nothing across an urgent byte, and says that nothing is there, or that it is the end. */
static void test_what_stands_behind_an_urgent_byte_is_taken(void **state)
{
    struct splice_pool pool = {.max_count = 1};
    struct tcp_pair pair = tcp_pair_open();
    char got[100];
    ssize_t status;
    (void)state;
    failure = 0;
    fcntl(pair.far_fd, F_SETFL, O_NONBLOCK);
    assert_int_equal(send(pair.near_fd, "before", 6, 0), 6);
    assert_int_equal(send(pair.near_fd, "!", 1, MSG_OOB), 1);
    assert_int_equal(send(pair.near_fd, "behind", 6, 0), 6);
    assert_int_equal(take_all(&pool, pair.far_fd, got, sizeof(got), &status), 12);
    assert_memory_equal(got, "beforebehind", 12);
    assert_int_equal(status, -EAGAIN);
    assert_int_equal(send(pair.near_fd, "!", 1, MSG_OOB), 1);
    assert_int_equal(send(pair.near_fd, "last", 4, 0), 4);
    shutdown(pair.near_fd, SHUT_WR);
    assert_int_equal(take_all(&pool, pair.far_fd, got, sizeof(got), &status), 4);
    assert_memory_equal(got, "last", 4);
    assert_int_equal(status, 0);
    tcp_pair_close(&pair);
    splice_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_moves_are_copies),
        cmocka_unit_test(test_broken_connections_are_told),
        cmocka_unit_test(test_what_stands_behind_an_urgent_byte_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
