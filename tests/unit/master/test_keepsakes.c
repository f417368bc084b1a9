#include "lb/master/keepsakes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void each_is_there_and_gauges_are_new_for_each(void **state)
{
    struct keepsakes keepsakes;
    struct stat about;
    (void)state;
    keepsakes_init(&keepsakes);
    assert_int_equal(keepsakes_open(&keepsakes), 0);
    int world = keepsakes.fds[CHANNEL_WORLD];
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        assert_true(keepsakes.fds[i] >= 0);
    int one = dup(keepsakes_new_gauges(&keepsakes));
    uint32_t running = 4;
    assert_int_equal(pwrite(one, &running, sizeof(running), 0), sizeof(running));
    int other = keepsakes_new_gauges(&keepsakes);
    assert_int_equal(keepsakes_sum(one), 4);
    assert_int_equal(keepsakes_sum(other), 0);
    assert_int_equal(fstat(other, &about), 0);
    assert_int_equal(about.st_size, sizeof(struct channel_gauges));
    assert_int_equal(keepsakes_open(&keepsakes), 0);
    assert_int_equal(keepsakes.fds[CHANNEL_WORLD], world);
    close(one);
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        close(keepsakes.fds[i]);
}

static void a_sum_believes_nothing_that_cannot_be(void **state)
{
    int fd = memfd_create("x", 0);
    uint32_t words[300];
    (void)state;
    assert_int_equal(keepsakes_sum(-1), 0);
    assert_int_equal(keepsakes_sum(fd), 0);
    memset(words, 0xff, sizeof(words));
    words[0] = 7;
    words[255] = 1 << 20;
    words[256] = 5; /* behind the page */
    assert_int_equal(pwrite(fd, words, sizeof(words), 0), sizeof(words));
    assert_int_equal(keepsakes_sum(fd), 7 + (1 << 20));
    assert_int_equal(ftruncate(fd, 6), 0); /* in the middle of one */
    assert_int_equal(keepsakes_sum(fd), 7);
    close(fd);
}

static void those_of_another_are_copied(void **state)
{
    struct keepsakes one, other;
    char text[20000] = "", got[20001];
    (void)state;
    memset(text, 'w', sizeof(text));
    keepsakes_init(&one);
    keepsakes_init(&other);
    keepsakes_open(&one);
    keepsakes_open(&other);
    assert_int_equal(write(one.fds[CHANNEL_WORLD], text, sizeof(text)), sizeof(text));
    assert_int_equal(write(other.fds[CHANNEL_ORDERS], "stale", 5), 5);
    keepsakes_copy(&other, one.fds);
    assert_int_equal(pread(other.fds[CHANNEL_WORLD], got, sizeof(got), 0), sizeof(text));
    assert_memory_equal(got, text, sizeof(text));
    assert_int_equal(pread(other.fds[CHANNEL_ORDERS], got, sizeof(got), 0), 0);
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++) {
        close(one.fds[i]);
        close(other.fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_there_and_gauges_are_new_for_each),
        cmocka_unit_test(a_sum_believes_nothing_that_cannot_be),
        cmocka_unit_test(those_of_another_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
