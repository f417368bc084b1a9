/* The sender against sockets of this test's: what arrives, what is counted, and that nobody waits. */
#include "lb/gelf/gelf_sender.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/address.h"
#include "lb/base/clock.h"

#define PATIENCE_MS 30000

static _Atomic uint64_t sent, sent_bytes, dropped_queue, dropped_error, reconnects, waiting;
static char got[1 << 20];

static int open_receiver(int type, struct gelf_sender_options *options)
{
    struct address at;
    socklen_t size = sizeof(at.socket);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    assert_int_equal(bind(fd, &at.socket.any, address_size(&at)), 0);
    assert_int_equal(getsockname(fd, &at.socket.any, &size), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 8), 0);
    *options = (struct gelf_sender_options){
        .url = {.transport = type == SOCK_STREAM ? GELF_TCP : GELF_UDP,
                .host = "127.0.0.1",
                .port = address_port(&at)},
        .compression = GELF_COMPRESSION_NONE,
        .host = "box",
        .counts = {&sent, &sent_bytes, &dropped_queue, &dropped_error, &reconnects, &waiting},
    };
    sent = sent_bytes = dropped_queue = dropped_error = reconnects = 0;
    return fd;
}

static void wait_readable(int fd)
{
    struct pollfd wish = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&wish, 1, PATIENCE_MS), 1);
}

static void wait_count(const _Atomic uint64_t *count, uint64_t want)
{
    uint64_t end_ns = clock_mono_ns() + PATIENCE_MS * UINT64_C(1000000);
    while (*count < want && clock_mono_ns() < end_ns)
        usleep(1000);
    assert_int_equal(*count, want);
}

/* Until nothing waits: the counts of what was sent are whole then. */
static void wait_idle(void)
{
    uint64_t end_ns = clock_mono_ns() + PATIENCE_MS * UINT64_C(1000000);
    while (waiting > 0 && clock_mono_ns() < end_ns)
        usleep(1000);
    assert_int_equal(waiting, 0);
}

static void expect_datagram(int fd, const char *part)
{
    wait_readable(fd);
    ssize_t len = recv(fd, got, sizeof(got) - 1, 0);
    assert_true(len > 0);
    got[len] = '\0';
    if (!strstr(got, part))
        fail_msg("%s is not in %s", part, got);
}

static void test_udp(void **state)
{
    struct gelf_sender_options options;
    int fd = open_receiver(SOCK_DGRAM, &options);
    (void)state;
    struct gelf_sender *sender = gelf_sender_start(&options);
    gelf_sender_put(sender, VIEW("one\ntwo\r\n\n\nthree"));
    expect_datagram(fd, "\"short_message\":\"one\"");
    uint64_t bytes = strlen(got);
    expect_datagram(fd, "\"short_message\":\"two\"");
    expect_datagram(fd, "\"short_message\":\"three\"");
    wait_idle();
    assert_int_equal(sent, 3);
    assert_int_equal(sent_bytes, 3 * bytes + 2);
    gelf_sender_stop(sender, 2000);
    assert_int_equal(dropped_queue + dropped_error + reconnects, 0);
    close(fd);
}

static void test_udp_chunks(void **state)
{
    char line[120];
    struct gelf_sender_options options;
    int fd = open_receiver(SOCK_DGRAM, &options);
    (void)state;
    options.datagram_bytes = 100;
    struct gelf_sender *sender = gelf_sender_start(&options);
    memset(line, 'x', sizeof(line));
    gelf_sender_put(sender, view_of(line, sizeof(line)));
    gelf_sender_stop(sender, 2000);
    size_t len = 0;
    unsigned char id[8];
    for (unsigned number = 0, count = 1; number < count; number++) {
        unsigned char datagram[101];
        wait_readable(fd);
        ssize_t size = recv(fd, datagram, sizeof(datagram), 0);
        assert_in_range(size, 13, 100);
        assert_true(datagram[0] == 0x1e && datagram[1] == 0x0f && datagram[10] == number);
        if (number == 0)
            memcpy(id, datagram + 2, sizeof(id));
        assert_memory_equal(id, datagram + 2, sizeof(id));
        count = datagram[11];
        memcpy(got + len, datagram + 12, (size_t)size - 12);
        len += (size_t)size - 12;
        assert_int_equal(count, 3);
    }
    got[len] = '\0';
    assert_non_null(strstr(got, "xxx\",\"timestamp\""));
    assert_int_equal(sent_bytes, len + 3 * 12);
    close(fd);
}

/* With datagrams that small not everything fits into 128 of them. */
static void test_udp_too_long(void **state)
{
    char line[9000];
    struct gelf_sender_options options;
    int fd = open_receiver(SOCK_DGRAM, &options);
    (void)state;
    options.datagram_bytes = 64;
    struct gelf_sender *sender = gelf_sender_start(&options);
    memset(line, 'x', sizeof(line));
    gelf_sender_put(sender, view_of(line, sizeof(line)));
    gelf_sender_stop(sender, 2000);
    assert_int_equal(dropped_error, 1);
    assert_int_equal(sent, 0);
    close(fd);
}

/* What went before a refusal is lost, and counted; what comes after it waits, and arrives. */
static void test_udp_refused(void **state)
{
    struct gelf_sender_options options;
    int fd = open_receiver(SOCK_DGRAM, &options);
    struct address at;
    socklen_t size = sizeof(at.socket);
    (void)state;
    getsockname(fd, &at.socket.any, &size);
    close(fd);
    struct gelf_sender *sender = gelf_sender_start(&options);
    gelf_sender_put(sender, VIEW("lost"));
    wait_count(&dropped_error, 1);
    gelf_sender_put(sender, VIEW("kept\nalso kept"));
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, &at.socket.any, size), 0);
    expect_datagram(fd, "\"kept\"");
    expect_datagram(fd, "\"also kept\"");
    wait_count(&sent, 3);
    gelf_sender_stop(sender, 2000);
    assert_int_equal(dropped_error, 1);
    assert_int_equal(dropped_queue, 0);
    close(fd);
}

static size_t read_until(int fd, size_t nul_count)
{
    size_t len = 0;
    while (nul_count > 0) {
        wait_readable(fd);
        ssize_t count = recv(fd, got + len, 1, 0);
        assert_int_equal(count, 1);
        nul_count -= got[len++] == '\0';
    }
    return len;
}

static void test_tcp(void **state)
{
    struct gelf_sender_options options;
    int listener = open_receiver(SOCK_STREAM, &options);
    (void)state;
    options.compression = GELF_COMPRESSION_GZIP; /* not over TCP */
    struct gelf_sender *sender = gelf_sender_start(&options);
    int fd = accept(listener, NULL, NULL);
    gelf_sender_put(sender, VIEW("one\ntwo\n"));
    size_t len = read_until(fd, 2);
    assert_non_null(strstr(got, "\"short_message\":\"one\""));
    assert_non_null(strstr(got + strlen(got) + 1, "\"short_message\":\"two\""));
    wait_idle();
    assert_int_equal(sent, 2);
    assert_int_equal(sent_bytes, len);
    close(fd);
    fd = accept(listener, NULL, NULL); /* comes back by itself */
    gelf_sender_put(sender, VIEW("three"));
    read_until(fd, 1);
    assert_non_null(strstr(got, "three"));
    gelf_sender_stop(sender, 2000);
    assert_int_equal(reconnects, 1);
    assert_int_equal(recv(fd, got, 1, 0), 0);
    close(fd);
    close(listener);
}

/* It takes nothing: the queue fills, the rest is dropped, and neither putting nor stopping waits for it. */
static void test_tcp_hangs(void **state)
{
    static char line[1000];
    struct gelf_sender_options options;
    int listener = open_receiver(SOCK_STREAM, &options);
    unsigned put_count = 0;
    (void)state;
    options.queue_bytes = 100000;
    struct gelf_sender *sender = gelf_sender_start(&options);
    memset(line, 'x', sizeof(line));
    uint64_t sent_before = 1;
    while (dropped_queue < 100 || sent != sent_before) { /* until the kernel takes no more */
        sent_before = sent;
        for (unsigned i = 0; i < 500; i++, put_count++)
            gelf_sender_put(sender, view_of(line, sizeof(line)));
        assert_in_range(waiting, 0, 99); /* in 100000 bytes */
        usleep(20000);
    }
    uint64_t begin_ns = clock_mono_ns();
    gelf_sender_stop(sender, 50);
    assert_in_range(clock_mono_ns() - begin_ns, 0, 10000000000);
    assert_int_equal(sent + dropped_queue, put_count);
    assert_int_equal(waiting, 0);
    close(listener);
}

/* False: it ended before. */
static bool read_message(int fd)
{
    size_t len = 0;
    do {
        wait_readable(fd);
        if (recv(fd, got + len, 1, 0) != 1)
            return false;
    } while (got[len++] != '\0');
    return true;
}

/* No byte is taken for too long: once more. What was cut off comes whole. */
static void test_tcp_stalls(void **state)
{
    struct gelf_sender_options options;
    int listener = open_receiver(SOCK_STREAM, &options), small = 4096;
    (void)state;
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    options.stall_timeout_ms = 100;
    struct gelf_sender *sender = gelf_sender_start(&options);
    int first = accept(listener, NULL, NULL);
    bool is_whole;
    static char line[10000];
    memset(line, 'y', sizeof(line));
    for (unsigned i = 0; i < PATIENCE_MS && reconnects == 0; i++) {
        gelf_sender_put(sender, view_of(line, sizeof(line)));
        usleep(1000);
    }
    assert_true(reconnects >= 1);
    close(first);
    do { /* this side may be slow, too */
        int next = accept(listener, NULL, NULL);
        is_whole = read_message(next);
        close(next);
    } while (!is_whole);
    assert_memory_equal(got, "{\"version\":\"1.1\",", 17);
    gelf_sender_stop(sender, 0);
    close(listener);
}

static void test_nobody_there(void **state)
{
    struct gelf_sender_options options;
    close(open_receiver(SOCK_STREAM, &options));
    (void)state;
    struct gelf_sender *sender = gelf_sender_start(&options);
    gelf_sender_put(sender, VIEW("one"));
    gelf_sender_stop(sender, 20);
    assert_int_equal(dropped_queue, 1);
    options.url = (struct gelf_url){GELF_UDP, "nowhere.invalid", 1};
    sender = gelf_sender_start(&options);
    gelf_sender_put(sender, VIEW("two"));
    gelf_sender_stop(sender, 20);
    assert_int_equal(dropped_queue, 2);
    assert_int_equal(sent, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp),          cmocka_unit_test(test_udp_chunks),
        cmocka_unit_test(test_udp_too_long), cmocka_unit_test(test_udp_refused),
        cmocka_unit_test(test_tcp),          cmocka_unit_test(test_tcp_hangs),
        cmocka_unit_test(test_tcp_stalls),   cmocka_unit_test(test_nobody_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
