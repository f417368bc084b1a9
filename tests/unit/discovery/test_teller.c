#include "discovery/teller.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

/* The time is this test's: what takes long on a busy machine takes none. */
static uint64_t time_ms, collecting_ms;
uint64_t __wrap_clock_mono_ns(void);

uint64_t __wrap_clock_mono_ns(void)
{
    return time_ms * 1000000;
}

/* A source that has one endpoint of the name that it is given. */
static const char *name;
static bool is_new;
static struct alive alive;

static void *open_source(const void *options, struct fetch_loop *loop, const struct report *report,
                         int *fd)
{
    (void)options, (void)loop, (void)report;
    *fd = -1;
    return &alive;
}

static void tick(void *state, uint64_t now_ms)
{
    (void)state, (void)now_ms;
}

static uint64_t next_tick_ms(const void *state)
{
    (void)state;
    return UINT64_MAX;
}

static bool collect(void *state, bool is_wanted, struct set *set)
{
    (void)state;
    if (!name || !(is_new || is_wanted))
        return false;
    is_new = false;
    time_ms += collecting_ms;
    set_clear(set);
    set_add_endpoint(set, &(struct set_endpoint){.service = "s",
                                                 .id = name,
                                                 .name = name,
                                                 .protocol = "http",
                                                 .address = "10.0.0.1",
                                                 .port = 80,
                                                 .weight = 1,
                                                 .cause = "start"});
    return true;
}

static const struct alive *tell_alive(const void *state)
{
    return state;
}

static void close_source(void *state)
{
    (void)state;
}

static const struct source_kind kind = {
    "pretended", false,      false,        open_source, tick, next_tick_ms,
    collect,     tell_alive, close_source, NULL,        NULL, NULL,
};

static struct sources sources;
static struct teller teller;
static int ends[2];
static char got[65536];

static void say(void *owner, enum report_kind what, const char *text)
{
    (void)owner, (void)what, (void)text;
}

static void have(const char *what)
{
    name = what;
    is_new = true;
}

/* What lines there are: S a state, A a sign of life, _ an empty one, ? the rest of one. */
static const char *kinds_read(int fd)
{
    static char kinds[64];
    char *at = kinds, *line = got;
    size_t len = 0;
    for (ssize_t more; (more = read(fd, got + len, sizeof(got) - 1 - len)) > 0;)
        len += (size_t)more;
    got[len] = '\0';
    for (char *newline; (newline = strchr(line, '\n')); line = newline + 1) {
        *newline = '\0';
        *at++ = line[0] == '\0'                          ? '_'
                : strncmp(line, "{\"v\":", 5) != 0       ? '?'
                : strstr(line, "\"alive\":{\"connected") ? 'A'
                                                         : 'S';
        *newline = ' ';
    }
    *at = '\0';
    return kinds;
}

static void begin_with(const struct teller_options *options)
{
    name = NULL;
    time_ms = 1000;
    collecting_ms = 0;
    alive = (struct alive){.is_connected = true};
    sources_init(&sources, NULL, say);
    sources_add(&sources, &kind, NULL);
    sources_open(&sources, NULL);
    sources_tick(&sources, 1);
    teller_init(&teller, options, &sources);
}

static void begin(bool is_once, bool is_silent)
{
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    begin_with(&(struct teller_options){
        .fd = ends[1], .is_once = is_once, .is_silent = is_silent, .report = {.say = say}});
}

static void end(void)
{
    teller_fini(&teller);
    sources_close(&sources);
}

static void end_pipe(void)
{
    end();
    close(ends[0]);
    close(ends[1]);
}

static void test_tells_again_though_nothing_changed(void **state)
{
    (void)state;
    begin(false, false);
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "A"); /* there is no state yet */
    teller_tell_again(&teller);
    assert_int_equal(teller_next_tick_ms(&teller), UINT64_MAX); /* it waits for the pipe only */
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "_A");
    have("a");
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "S");
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "");
    teller_tell_again(&teller);
    teller_tell_again(&teller); /* before the first was heeded */
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "_SA");
    assert_non_null(strstr(got, "\"id\":\"a\""));
    assert_false(teller_is_over(&teller));
    end_pipe();
}

/* Of what the last reader has not taken only what had begun is left, and the newest. */
static void test_a_full_pipe_ends_a_line_and_has_the_newest(void **state)
{
    static char names[200][2000];
    (void)state;
    begin(false, false);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(names[i], sizeof(names[i]), "%01999u", i);
        have(names[i]);
        teller_tick(&teller);
        if (i % 50 == 0)
            teller_tell_again(&teller);
    }
    assert_true(outlet_has_begun(&teller.outlet));
    assert_true(teller.outlet.next.len > 0 && teller.outlet.next.len < 3000 * 2);
    teller_tell_again(&teller);
    char torn[1000];
    assert_int_equal(read(ends[0], torn, sizeof(torn)), sizeof(torn)); /* by one that ends then */
    char all[65536];
    size_t len = 0;
    for (ssize_t more; (more = read(ends[0], all + len, sizeof(all) - 1 - len)) > 0;) {
        len += (size_t)more;
        teller_tick(&teller);
    }
    all[len] = '\0';
    char *rest = strstr(all, "\n\n");
    assert_non_null(rest);
    assert_int_equal(strncmp(rest, "\n\n{\"v\":2", 8), 0);
    assert_non_null(strstr(rest, names[199]));
    assert_null(strstr(all, names[198]));
    end_pipe();
}

/* As long as it took; what comes meanwhile is gathered, and the newest told. */
static void test_a_slow_line_is_followed_by_a_pause(void **state)
{
    (void)state;
    begin(false, false);
    collecting_ms = 30;
    have("a");
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "SA");
    have("b");
    teller_tick(&teller);
    have("c");
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "");
    assert_int_equal(teller_next_tick_ms(&teller), time_ms + 30);
    time_ms += 30;
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "S");
    assert_non_null(strstr(got, "\"id\":\"c\""));
    end_pipe();
}

static void test_once_and_silence_are_kept(void **state)
{
    (void)state;
    begin(true, false);
    have("a");
    assert_false(teller_is_through(&teller));
    teller_tick(&teller);
    teller_tell_again(&teller);
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "S");
    assert_true(teller_is_through(&teller));
    end_pipe();
    begin(false, true);
    have("a");
    teller_tick(&teller);
    teller_tell_again(&teller);
    teller_tick(&teller);
    assert_string_equal(kinds_read(ends[0]), "");
    end_pipe();
}

static void test_is_over_with_its_reader(void **state)
{
    (void)state;
    begin(false, false);
    close(ends[0]);
    teller_tick(&teller);
    assert_true(teller_is_over(&teller));
    end();
    close(ends[1]);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

/* Ticks until somebody is connected to. */
static int accept_from(int listener)
{
    while (teller.dialer.fd < 0) {
        uint64_t wait_ms = teller_next_tick_ms(&teller);
        assert_true(wait_ms < UINT64_MAX);
        teller.dialer.try_at_ms = 0;
        teller_tick(&teller);
    }
    int fd = accept(listener, NULL, NULL);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void test_tells_all_at_each_connection(void **state)
{
    char folder[] = "/tmp/teller-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/line", folder);
    begin_with(&(struct teller_options){.to_path = path, .fd = -1, .report = {.say = say}});
    have("a");
    teller_tick(&teller);
    have("b"); /* nobody is there yet */
    teller_tick(&teller);
    assert_true(teller_next_tick_ms(&teller) < UINT64_MAX);
    int listener = listen_at(path);
    for (unsigned i = 0; i < 3; i++) {
        int fd = accept_from(listener);
        assert_string_equal(kinds_read(fd), "_SA");
        assert_non_null(strstr(got, i == 0 ? "\"id\":\"b\"" : "\"id\":\"c\""));
        close(fd);
        teller_tick(&teller);
        assert_true(teller.dialer.fd < 0 && !teller_is_over(&teller));
        have("c");
        teller_tick(&teller);
    }
    close(listener);
    unlink(path);
    rmdir(folder);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tells_again_though_nothing_changed),
        cmocka_unit_test(test_a_full_pipe_ends_a_line_and_has_the_newest),
        cmocka_unit_test(test_a_slow_line_is_followed_by_a_pause),
        cmocka_unit_test(test_once_and_silence_are_kept),
        cmocka_unit_test(test_is_over_with_its_reader),
        cmocka_unit_test(test_tells_all_at_each_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
