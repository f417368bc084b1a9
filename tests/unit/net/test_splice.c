/* Moves that the kernel refuses: splice(2) is this file's own here. */
#include "lb/net/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int failure;

ssize_t splice(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags)
{
    (void)from, (void)from_at, (void)to, (void)to_at, (void)len, (void)flags;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_moves_are_copies),
        cmocka_unit_test(test_broken_connections_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
