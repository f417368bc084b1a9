/* From rings to a file: whole lines in order, another file when it is asked for, and what is said
 * when it cannot be written. */
#include "lb/crew/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "tests/unit/support/said.h"

#define RING_BYTES 65536

static struct log_writer writer;
static struct log_ring rings[2];
static char folder[] = "/tmp/test_log_writer_XXXXXX";
static char path[80], moved[80];

static int open_rings(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        log_ring_init(&rings[i], RING_BYTES);
    return 0;
}

static int close_rings(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        log_ring_fini(&rings[i]);
    unlink(path);
    unlink(moved);
    return 0;
}

static void put(unsigned ring, const char *line)
{
    assert_true(log_ring_put(&rings[ring], view_str(line)));
    log_writer_notice(&writer, &rings[ring]);
}

static const char *bytes_of(const char *of)
{
    static char bytes[4 * RING_BYTES];
    FILE *file = fopen(of, "r");
    if (!file)
        return "(no file)";
    bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
    fclose(file);
    return bytes;
}

/* Until it has that, or a while. */
static void wait_for(const char *of, const char *want)
{
    for (unsigned i = 0; i < 2000 && strcmp(bytes_of(of), want) != 0; i++)
        uv_sleep(1);
    assert_string_equal(bytes_of(of), want);
}

static void test_lines_arrive_without_being_asked_for(void **state)
{
    struct stat info;
    (void)state;
    assert_int_equal(log_writer_start(&writer, rings, 2, path), 0);
    put(0, "one\n");
    wait_for(path, "one\n");
    put(1, "two\n");
    wait_for(path, "one\ntwo\n");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777 & ~0640u, 0); /* not for everybody */
    log_writer_stop(&writer);
}

static void test_all_that_waits_is_written_before_the_end(void **state)
{
    char want[5 * 1000 + 1] = "";
    (void)state;
    assert_int_equal(log_writer_start(&writer, rings, 2, path), 0);
    for (unsigned i = 0; i < 1000; i++) {
        char line[8];
        snprintf(line, sizeof(line), "%04u\n", i);
        strcat(want + 5 * i, line);
        put(0, line);
    }
    log_writer_stop(&writer);
    assert_string_equal(bytes_of(path), want);
}

static void test_a_file_goes_on_where_it_ended(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(log_writer_start(&writer, rings, 2, path), 0);
        put(0, "line\n");
        log_writer_stop(&writer);
    }
    assert_string_equal(bytes_of(path), "line\nline\n");
}

static void test_a_file_that_was_moved_away_is_opened_anew(void **state)
{
    (void)state;
    assert_int_equal(log_writer_start(&writer, rings, 2, path), 0);
    put(0, "old\n");
    wait_for(path, "old\n");
    assert_int_equal(rename(path, moved), 0);
    put(0, "still old\n");
    wait_for(moved, "old\nstill old\n");
    log_writer_reopen(&writer);
    wait_for(path, "");
    put(0, "new\n");
    wait_for(path, "new\n");
    log_writer_stop(&writer);
    assert_string_equal(bytes_of(moved), "old\nstill old\n");
}

static void test_a_place_that_cannot_be_opened(void **state)
{
    (void)state;
    assert_int_equal(log_writer_start(&writer, rings, 2, "/nowhere/at/all"), -ENOENT);
    assert_int_equal(log_writer_start(&writer, rings, 2, folder), -EISDIR);
    assert_int_equal(mkfifo(path, 0600), 0); /* and nobody reads it */
    assert_int_equal(log_writer_start(&writer, rings, 2, path), -ENXIO);
}

static void test_reopening_what_cannot_be_opened_goes_on_with_the_old(void **state)
{
    (void)state;
    assert_int_equal(log_writer_start(&writer, rings, 2, path), 0);
    put(0, "old\n");
    wait_for(path, "old\n");
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    said_begin();
    log_writer_reopen(&writer);
    put(0, "more\n");
    log_writer_stop(&writer);
    said_end();
    rmdir(path);
    assert_said("going on with the old file");
    assert_string_equal(bytes_of(moved), "old\nmore\n");
}

/* The disk is full: it is said once, what waits stays in the ring. */
static void test_what_cannot_be_written_waits(void **state)
{
    struct view pieces[2];
    (void)state;
    said_begin();
    assert_int_equal(log_writer_start(&writer, rings, 2, "/dev/full"), 0);
    put(0, "line\n");
    struct stat told = {0}; /* of what its thread has said */
    for (unsigned i = 0; i < 2000 && told.st_size == 0; i++, fstat(fileno(said.file), &told))
        uv_sleep(1);
    log_writer_reopen(&writer); /* wakes it, to fail again */
    log_writer_stop(&writer);
    said_end();
    assert_said("cannot write to /dev/full: No space left on device");
    assert_null(strstr(strstr(said.bytes, "cannot write") + 1, "cannot write"));
    log_ring_peek(&rings[0], pieces);
    assert_true(view_eq(pieces[0], VIEW("line\n")));
}

/* Who reads a pipe stops doing so: the end does not wait for that much longer than a second. */
static void test_a_reader_that_stands_still_does_not_hold_up_the_end(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_int_equal(log_writer_start(&writer, rings, 2, path), 0);
    fcntl(writer.fd, F_SETPIPE_SZ, 4096);
    for (unsigned i = 0; i < RING_BYTES / 8 / 2; i++)
        put(0, "1234567\n");
    uint64_t before_ns = uv_hrtime();
    log_writer_stop(&writer);
    assert_in_range(uv_hrtime() - before_ns, 900000000, 5000000000);
    close(reader);
}

/* By whoever has an end of it, too: it is said once, and tried again each second, not all the time. */
static void test_a_socket_that_was_shut_is_left_alone(void **state)
{
    struct timespec before, after;
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    shutdown(ends[0], SHUT_RDWR);
    said_begin();
    assert_int_equal(log_writer_start_sending(&writer, rings, 2, ends[0]), 0);
    put(0, "one\n");
    uv_sleep(100);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    uv_sleep(300);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    log_writer_stop(&writer);
    said_end();
    long spent_ms =
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    assert_true(spent_ms < 100);
    assert_said("access log: cannot write to lb-report: Broken pipe");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_rings, close_rings)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_arrive_without_being_asked_for),
        TEST(test_all_that_waits_is_written_before_the_end),
        TEST(test_a_file_goes_on_where_it_ended),
        TEST(test_a_file_that_was_moved_away_is_opened_anew),
        TEST(test_a_place_that_cannot_be_opened),
        TEST(test_reopening_what_cannot_be_opened_goes_on_with_the_old),
        TEST(test_what_cannot_be_written_waits),
        TEST(test_a_reader_that_stands_still_does_not_hold_up_the_end),
        TEST(test_a_socket_that_was_shut_is_left_alone),
    };
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/log", folder);
    snprintf(moved, sizeof(moved), "%s/log.1", folder);
    log_open("lb", LOG_LEVEL_WARN, LOG_FORMAT_PLAIN);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
