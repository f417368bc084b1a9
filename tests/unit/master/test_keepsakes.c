#include "lb/master/keepsakes.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/contract/report.h"

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
    keepsakes_close(&keepsakes);
    assert_int_equal(fcntl(world, F_GETFD), -1);
    assert_int_equal(keepsakes.fds[CHANNEL_WORLD], -1);
}

/* What lb-proxy has of them can neither change them nor let others crash by them. */
static void counts_are_a_page_that_one_side_writes(void **state)
{
    struct keepsakes keepsakes;
    struct stat about;
    (void)state;
    keepsakes_init(&keepsakes);
    assert_int_equal(keepsakes_open(&keepsakes), 0);
    assert_int_equal(fstat(keepsakes.others[CHANNEL_COUNTS], &about), 0);
    assert_int_equal(about.st_size, 4096);
    assert_int_equal(pwrite(keepsakes.fds[CHANNEL_COUNTS], "1", 1, 0), -1);
    assert_int_equal(ftruncate(keepsakes.others[CHANNEL_COUNTS], 0), -1);
    assert_int_equal(ftruncate(keepsakes.others[CHANNEL_COUNTS], 8192), -1);
    struct report_counts *written = mmap(NULL, sizeof(*written), PROT_READ | PROT_WRITE, MAP_SHARED,
                                         keepsakes.others[CHANNEL_COUNTS], 0);
    const struct report_counts *read =
        mmap(NULL, sizeof(*read), PROT_READ, MAP_SHARED, keepsakes.fds[CHANNEL_COUNTS], 0);
    assert_ptr_not_equal(written, MAP_FAILED);
    assert_ptr_not_equal(read, MAP_FAILED);
    written->gelf_sent = 7;
    assert_int_equal(read->gelf_sent, 7);
    munmap(written, sizeof(*written));
    munmap((void *)(uintptr_t)read, sizeof(*read));
    keepsakes_close(&keepsakes);
}

/* Each side reads what the other one writes, and cannot write there. */
static void certificates_are_wished_by_one_side_and_told_by_the_other(void **state)
{
    struct keepsakes keepsakes;
    char got[8];
    (void)state;
    keepsakes_init(&keepsakes);
    assert_int_equal(keepsakes_open(&keepsakes), 0);
    int wishes = keepsakes.others[CHANNEL_WISHES], ordered = keepsakes.others[CHANNEL_ORDERED];
    assert_int_equal(pwrite(keepsakes.fds[CHANNEL_WISHES], "wish", 4, 0), 4);
    assert_int_equal(pread(wishes, got, sizeof(got), 0), 4);
    assert_int_equal(pwrite(wishes, "1", 1, 0), -1);
    assert_int_equal(pwrite(ordered, "order", 5, 0), 5);
    assert_int_equal(pread(keepsakes.fds[CHANNEL_ORDERED], got, sizeof(got), 0), 5);
    assert_int_equal(pwrite(keepsakes.fds[CHANNEL_ORDERED], "1", 1, 0), -1);
    keepsakes_close(&keepsakes);
    assert_int_equal(fcntl(wishes, F_GETFD), -1);
    assert_int_equal(fcntl(ordered, F_GETFD), -1);
}

static void what_is_told_waits_whole_and_nobody_waits_for_room(void **state)
{
    static char message[REPORT_MESSAGE_MAX], got[REPORT_MESSAGE_MAX + 1];
    struct keepsakes keepsakes;
    unsigned count = 0, read_count = 0;
    (void)state;
    memset(message, 'L', sizeof(message));
    keepsakes_init(&keepsakes);
    assert_int_equal(keepsakes_open(&keepsakes), 0);
    while (send(keepsakes.fds[CHANNEL_OUTBOX], message, sizeof(message), 0) > 0) /* no DONTWAIT */
        count++;
    assert_int_equal(errno, EAGAIN);
    assert_true(count >= 4);
    while (recv(keepsakes.others[CHANNEL_OUTBOX], got, sizeof(got), MSG_DONTWAIT) ==
           (ssize_t)sizeof(message))
        read_count++;
    assert_int_equal(read_count, count);
    assert_true(fcntl(keepsakes.others[CHANNEL_OUTBOX], F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(keepsakes.fds[CHANNEL_OUTBOX], F_GETFD) & FD_CLOEXEC);
    keepsakes_close(&keepsakes);
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
    assert_int_equal(pwrite(one.others[CHANNEL_COUNTS], "counts", 6, 0), 6);
    keepsakes_copy(&other, one.fds);
    assert_int_equal(pread(other.fds[CHANNEL_WORLD], got, sizeof(got), 0), sizeof(text));
    assert_memory_equal(got, text, sizeof(text));
    assert_int_equal(pread(other.fds[CHANNEL_ORDERS], got, sizeof(got), 0), 0);
    assert_int_equal(pread(other.fds[CHANNEL_COUNTS], got, 6, 0), 6);
    assert_memory_equal(got, "counts", 6);
    keepsakes_close(&one);
    keepsakes_close(&other);
}

static void one_that_was_shut_is_made_anew_in_the_same_place(void **state)
{
    struct keepsakes keepsakes;
    char got[8];
    (void)state;
    for (int how = 0; how < 2; how++) {
        keepsakes_init(&keepsakes);
        assert_int_equal(keepsakes_open(&keepsakes), 0);
        assert_false(keepsakes_mend_outbox(&keepsakes));
        int outbox = keepsakes.fds[CHANNEL_OUTBOX], inbox = keepsakes.others[CHANNEL_OUTBOX];
        assert_int_equal(send(outbox, "lost", 4, 0), 4);
        assert_false(keepsakes_mend_outbox(&keepsakes)); /* what waits is no fault */
        assert_int_equal(how == 0 ? shutdown(outbox, SHUT_WR) : shutdown(inbox, SHUT_RD), 0);
        assert_true(keepsakes_mend_outbox(&keepsakes));
        assert_true(keepsakes.fds[CHANNEL_OUTBOX] == outbox &&
                    keepsakes.others[CHANNEL_OUTBOX] == inbox);
        assert_true(fcntl(inbox, F_GETFD) & fcntl(outbox, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(send(outbox, "new", 3, 0), 3);
        assert_int_equal(recv(inbox, got, sizeof(got), 0), 3);
        assert_memory_equal(got, "new", 3);
        keepsakes_close(&keepsakes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_there_and_gauges_are_new_for_each),
        cmocka_unit_test(counts_are_a_page_that_one_side_writes),
        cmocka_unit_test(certificates_are_wished_by_one_side_and_told_by_the_other),
        cmocka_unit_test(what_is_told_waits_whole_and_nobody_waits_for_room),
        cmocka_unit_test(one_that_was_shut_is_made_anew_in_the_same_place),
        cmocka_unit_test(a_sum_believes_nothing_that_cannot_be),
        cmocka_unit_test(those_of_another_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
