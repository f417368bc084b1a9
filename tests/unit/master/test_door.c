#include "lb/master/door.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/lb-door-XXXXXX";
static char path[CHANNEL_PATH_BYTES];

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/door", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct door closed(void)
{
    return (struct door){.fd = -1, .type = SOCK_SEQPACKET};
}

static void who_comes_is_let_in(void **state)
{
    struct door door = closed();
    struct stat about;
    (void)state;
    assert_int_equal(door_open(&door, path), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(door_accept(&door, 0), -EAGAIN);
    int guest = door_knock(path, SOCK_SEQPACKET), fd = door_accept(&door, 0);
    assert_true(guest >= 0 && fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    int was = door.fd;
    assert_int_equal(door_open(&door, path), 0); /* it is open */
    assert_int_equal(door.fd, was);
    close(guest);
    close(fd);
    door_close(&door, 0);
    assert_int_equal(access(path, F_OK), -1);
    door_close(&door, 0);
}

static void one_that_is_in_use_stays(void **state)
{
    struct door door = closed(), other = closed();
    (void)state;
    assert_int_equal(door_open(&door, path), 0);
    assert_int_equal(door_open(&other, path), -EADDRINUSE);
    assert_int_equal(other.fd, -1);
    door_close(&door, 1); /* its path stays, stale */
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(door_knock(path, SOCK_SEQPACKET), -ECONNREFUSED);
    assert_int_equal(door_open(&other, path), 0);
    door_close(&other, 0);
}

static void what_is_no_socket_is_not_removed(void **state)
{
    struct door door = closed();
    (void)state;
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(door_open(&door, path), -ENOTSOCK);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
    assert_int_equal(door_open(&door, "/nowhere/at/all"), -ENOENT);
    assert_int_equal(door_open(&door, ""), 0);
    assert_int_equal(door.fd, -1);
}

/* As root: a child with another user knocks. */
static void a_stranger_is_sent_away(void **state)
{
    struct door door = closed();
    char byte = 0;
    int tell[2];
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(door_open(&door, path), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(pipe(tell), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = setuid(12345) == 0 ? door_knock(path, SOCK_SEQPACKET) : -1;
        byte = fd >= 0 && write(tell[1], "x", 1) == 1;
        _exit(recv(fd, &byte, 1, 0) == 0 ? 0 : 1);
    }
    assert_int_equal(read(tell[0], &byte, 1), 1);
    assert_int_equal(door_accept(&door, 1), -EACCES);
    assert_int_equal(door_knock(path, SOCK_STREAM), -EPROTOTYPE);
    close(tell[0]);
    close(tell[1]);
    door_close(&door, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_is_let_in),
        cmocka_unit_test(one_that_is_in_use_stays),
        cmocka_unit_test(what_is_no_socket_is_not_removed),
        cmocka_unit_test(a_stranger_is_sent_away),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
