/* Names are resolved from inside, by both ways of the C library: /etc/hosts, and a name server that is asked by
 * UDP and, where the answer is long, by TCP. In a network and with files of its own, which needs root. */
#include "lb/jail/jail.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define NO_ROOM    77 /* no namespaces here */
#define DNS_BYTES  512
#define HEAD_BYTES 12

static char folder[] = "/tmp/lb-resolver-XXXXXX";

static void must(bool is_good)
{
    if (!is_good)
        _exit(NO_ROOM);
}

static void put(const char *name, const char *content, const char *over)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    must(file && fputs(content, file) >= 0 && fclose(file) == 0);
    must(mount(path, over, NULL, MS_BIND, NULL) == 0);
}

static void go_elsewhere(void)
{
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    must(unshare(CLONE_NEWNS | CLONE_NEWNET) == 0);
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    must(ioctl(fd, SIOCSIFFLAGS, &loopback) == 0);
    close(fd);
    put("hosts", "127.0.0.1 localhost\n192.0.2.7 from-the-file\n", "/etc/hosts");
    put("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n", "/etc/resolv.conf");
    put("nsswitch.conf",
        "hosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns\n",
        "/etc/nsswitch.conf");
}

static int open_port(int type)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    must(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
    must(type == SOCK_DGRAM || listen(fd, 4) == 0);
    return fd;
}

/* Makes an answer of a question: 192.0.2.53, once; of other kinds than A there is none. `is_cut`: ask by TCP. */
static size_t answer(unsigned char *message, size_t len, bool is_cut)
{
    static const unsigned char record[] = {0xc0, HEAD_BYTES, 0, 1, 0,   1, 0, 0,
                                           0,    60,         0, 4, 192, 0, 2, 53};
    size_t at = HEAD_BYTES;
    while (at < len && message[at] != 0)
        at += message[at] + 1u;
    bool is_a = message[at + 2] == 1;
    at += 5;
    message[2] = is_cut ? 0x83 : 0x81;
    message[3] = 0x80;
    memset(message + 6, 0, 6);
    if (!is_a || is_cut)
        return at;
    message[7] = 1;
    memcpy(message + at, record, sizeof(record));
    return at + sizeof(record);
}

static void serve_datagram(int fd)
{
    unsigned char message[DNS_BYTES * 2];
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    ssize_t len = recvfrom(fd, message, DNS_BYTES, 0, (struct sockaddr *)&from, &size);
    bool is_cut = len > HEAD_BYTES && message[HEAD_BYTES + 1] == 'l'; /* "long…" */
    if (len > HEAD_BYTES + 5)
        sendto(fd, message, answer(message, (size_t)len, is_cut), 0, (struct sockaddr *)&from,
               size);
}

static bool read_all(int fd, unsigned char *out, size_t len)
{
    for (ssize_t got; len > 0; out += got, len -= (size_t)got)
        if ((got = read(fd, out, len)) <= 0)
            return false;
    return true;
}

/* Several questions may come at once, each with its length before it. */
static void serve_stream(int listener)
{
    unsigned char head[2], message[2 + DNS_BYTES * 2];
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (read_all(fd, head, sizeof(head))) {
        size_t len = (size_t)(head[0] << 8 | head[1]);
        must(len <= DNS_BYTES && read_all(fd, message + 2, len));
        size_t bytes = answer(message + 2, len, false);
        message[0] = (unsigned char)(bytes >> 8);
        message[1] = (unsigned char)bytes;
        must(write(fd, message, bytes + 2) > 0);
    }
    close(fd);
}

/* Ends with who started it: then the pipe has no writer any more. A signal at its death (PR_SET_PDEATHSIG) would be
 * one from inside the jail, which Landlock keeps there. */
static void start_server(void)
{
    int life[2];
    must(pipe2(life, O_CLOEXEC) == 0);
    struct pollfd watched[3] = {{.fd = open_port(SOCK_DGRAM), .events = POLLIN},
                                {.fd = open_port(SOCK_STREAM), .events = POLLIN},
                                {.fd = life[0]}};
    if (fork() != 0)
        return;
    close(life[1]);
    for (;;) {
        poll(watched, 3, -1);
        if (watched[2].revents)
            _exit(0);
        if (watched[0].revents)
            serve_datagram(watched[0].fd);
        if (watched[1].revents)
            serve_stream(watched[1].fd);
    }
}

/* The number in the end of 192.0.2.N; negative: why there is none. */
static int resolve(const char *name)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int rc = getaddrinfo(name, "80", &hints, &found);
    if (rc != 0)
        return rc;
    const struct sockaddr_in *at = (const struct sockaddr_in *)(const void *)found->ai_addr;
    uint32_t ip = at->sin_family == AF_INET ? ntohl(at->sin_addr.s_addr) : 0;
    freeaddrinfo(found);
    return ip >> 8 == 0xc00002 ? (int)(ip & 0xff) : 0;
}

/* What the child found, 0 where it is as expected. */
static int look_up(enum jail_mode mode, enum jail_kind kind)
{
    struct text problem = TEXT_INIT;
    go_elsewhere();
    start_server();
    if (!jail_enter(&(struct jail_options){.mode = mode, .kind = kind}, &problem))
        return 1;
    if (resolve("from-the-file") != 7)
        return 2;
    if (resolve("short.example") != 53)
        return 3;
    if (resolve("long.example") != 53)
        return 4;
    return resolve("127.0.0.1") == 0 ? 0 : 5;
}

static void look_up_in_child(enum jail_mode mode, enum jail_kind kind)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(look_up(mode, kind));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_ROOM)
        skip();
    assert_int_equal(status, 0);
}

static void test_outside(void **state)
{
    (void)state;
    look_up_in_child(JAIL_OFF, JAIL_PROXY);
}

static void test_in_the_jail_of_the_proxy(void **state)
{
    (void)state;
    look_up_in_child(JAIL_STRICT, JAIL_PROXY);
}

static void test_in_the_jail_of_discovery(void **state)
{
    (void)state;
    look_up_in_child(JAIL_STRICT, JAIL_DISCOVERY);
}

static void test_in_the_jail_of_the_reporter(void **state)
{
    (void)state;
    look_up_in_child(JAIL_STRICT, JAIL_REPORT);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"hosts", "resolv.conf", "nsswitch.conf"};
    char path[128];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outside),
        cmocka_unit_test(test_in_the_jail_of_the_proxy),
        cmocka_unit_test(test_in_the_jail_of_discovery),
        cmocka_unit_test(test_in_the_jail_of_the_reporter),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
