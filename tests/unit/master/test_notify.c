#include "lb/master/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/base/log.h"

/* Who plays systemd: a datagram socket at a path, or of the abstract namespace. */
struct listener {
    int fd;
    char place[100];
};

static void open_at(struct listener *listener, bool is_abstract)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(listener->place, sizeof(listener->place), "%clb-notify-%d", is_abstract ? '@' : '/',
             (int)getpid());
    if (!is_abstract)
        snprintf(listener->place, sizeof(listener->place), "/tmp/lb-notify-%d", (int)getpid());
    memcpy(at.sun_path, listener->place, strlen(listener->place));
    if (is_abstract)
        at.sun_path[0] = '\0';
    listener->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    size_t len = offsetof(struct sockaddr_un, sun_path) + strlen(listener->place) + !is_abstract;
    assert_int_equal(bind(listener->fd, (struct sockaddr *)&at, (socklen_t)len), 0);
    setenv("NOTIFY_SOCKET", listener->place, 1);
}

static int open_abstract(void **state)
{
    static struct listener listener;
    open_at(&listener, true);
    *state = &listener;
    return 0;
}

static int close_listener(void **state)
{
    struct listener *listener = *state;
    close(listener->fd);
    unsetenv("NOTIFY_SOCKET");
    return 0;
}

static const char *told(struct listener *listener)
{
    static char line[1000];
    ssize_t len = recv(listener->fd, line, sizeof(line) - 1, 0);
    line[len > 0 ? len : 0] = '\0';
    return line;
}

static void words_are_those_of_systemd(void **state)
{
    struct listener *listener = *state;
    notify_ready();
    assert_string_equal(told(listener), "READY=1");
    notify_stopping();
    assert_string_equal(told(listener), "STOPPING=1");
    notify_watchdog();
    assert_string_equal(told(listener), "WATCHDOG=1");
    notify_send("A=1\nB=2");
    assert_string_equal(told(listener), "A=1\nB=2");
}

static void a_reload_says_since_when(void **state)
{
    long long before, after, said;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    before = now.tv_sec * 1000000LL + now.tv_nsec / 1000;
    notify_reloading();
    clock_gettime(CLOCK_MONOTONIC, &now);
    after = now.tv_sec * 1000000LL + now.tv_nsec / 1000;
    assert_int_equal(sscanf(told(*state), "RELOADING=1\nMONOTONIC_USEC=%lld", &said), 1);
    assert_true(before <= said && said <= after);
}

static void a_status_is_one_line_whatever_is_in_it(void **state)
{
    char text[2000];
    notify_status("2 of 3 endpoints");
    assert_string_equal(told(*state), "STATUS=2 of 3 endpoints");
    notify_status("fine\nMAINPID=1\x1b[2J\x7f");
    assert_string_equal(told(*state), "STATUS=fine MAINPID=1 [2J ");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    notify_status(text);
    assert_int_equal(strlen(told(*state)), 255);
}

static void a_path_does_as_well(void **state)
{
    struct listener listener;
    (void)state;
    open_at(&listener, false);
    notify_ready();
    assert_string_equal(told(&listener), "READY=1");
    close(listener.fd);
    unlink(listener.place);
    notify_ready(); /* nobody is there any more: told, and that is all */
    unsetenv("NOTIFY_SOCKET");
    notify_ready();
}

static void other_places_are_no_places(void **state)
{
    char place[300] = "/";
    (void)state;
    memset(place + 1, 'x', sizeof(place) - 2);
    place[sizeof(place) - 1] = '\0';
    const char *const places[] = {"", "@", "/", "vsock:2:1234", "run/notify", place};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        setenv("NOTIFY_SOCKET", places[i], 1);
        notify_ready();
    }
    unsetenv("NOTIFY_SOCKET");
}

static void the_watchdog_is_fed_twice_as_often_as_it_asks(void **state)
{
    char pid[20];
    (void)state;
    static const struct {
        const char *waits_us;
        unsigned ms;
    } rows[] = {{"30000000", 15000},
                {"1", 1},
                {"0", 0},
                {"-5", 0},
                {"", 0},
                {"30s", 0},
                {"99999999999999999999999", 0},
                {"18446744073709551615", 3600000}};
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    assert_int_equal(notify_watchdog_ms(), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setenv("WATCHDOG_USEC", rows[i].waits_us, 1);
        unsetenv("WATCHDOG_PID");
        assert_int_equal(notify_watchdog_ms(), rows[i].ms);
        setenv("WATCHDOG_PID", pid, 1);
        assert_int_equal(notify_watchdog_ms(), rows[i].ms);
        setenv("WATCHDOG_PID", "1", 1); /* another process's */
        assert_int_equal(notify_watchdog_ms(), 0);
    }
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

int main(void)
{
    log_open("test", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_those_of_systemd, open_abstract, close_listener),
        cmocka_unit_test_setup_teardown(a_reload_says_since_when, open_abstract, close_listener),
        cmocka_unit_test_setup_teardown(a_status_is_one_line_whatever_is_in_it, open_abstract,
                                        close_listener),
        cmocka_unit_test(a_path_does_as_well),
        cmocka_unit_test(other_places_are_no_places),
        cmocka_unit_test(the_watchdog_is_fed_twice_as_often_as_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
