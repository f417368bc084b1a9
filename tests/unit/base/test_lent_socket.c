/* A socket by a word of the environment: only a real one, and only once. */
#include "lb/base/lent_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME "LB_TEST_SOCKET"

static int find(const char *word)
{
    setenv(NAME, word, 1);
    int fd = lent_socket_find(NAME);
    assert_null(getenv(NAME));
    return fd;
}

static void test_one_that_is_there(void **state)
{
    int ends[2];
    char word[16];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    snprintf(word, sizeof(word), "%d", ends[1]);
    assert_int_equal(find(word), ends[1]);
    assert_int_equal(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
    close(ends[0]);
    close(ends[1]);
}

static void test_what_is_none(void **state)
{
    static const char *const words[] = {"", "x", "-1", "0", "2", "3x", "77777777777", "1023"};
    int ends[2];
    char word[16];
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_int_equal(find(words[i]), -1);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    snprintf(word, sizeof(word), "%d", ends[1]);
    assert_int_equal(find(word), -1);
    assert_int_equal(lent_socket_find(NAME), -1);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_that_is_there),
        cmocka_unit_test(test_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
