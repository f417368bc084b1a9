#include "discovery/dialer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

static char folder[32], path[64];
static struct dialer dialer;
static char said[512];
static unsigned trouble_count, news_count;

static void say(void *owner, enum report_kind kind, const char *text)
{
    (void)owner;
    if (kind == REPORT_DETAIL)
        return;
    trouble_count += kind == REPORT_TROUBLE;
    news_count += kind == REPORT_NEWS;
    snprintf(said, sizeof(said), "%s", text);
}

static int begin(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/dialer-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/line", folder);
    trouble_count = news_count = 0;
    said[0] = '\0';
    dialer_init(&dialer, path, &(struct report){.say = say});
    return 0;
}

static int end(void **state)
{
    (void)state;
    dialer_fini(&dialer);
    unlink(path);
    rmdir(folder);
    return 0;
}

static int listen_at(const char *where, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", where);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 0), 0);
    return fd;
}

static void test_without_a_path_it_rests(void **state)
{
    struct dialer none;
    (void)state;
    dialer_init(&none, NULL, &(struct report){.say = say});
    assert_false(dialer_tick(&none, 0));
    assert_int_equal(dialer_next_tick_ms(&none), UINT64_MAX);
    dialer_fini(&none);
}

static void test_comes_when_there_is_somebody(void **state)
{
    (void)state;
    assert_false(dialer_tick(&dialer, 1000));
    assert_non_null(strstr(said, "there is no such socket; start lb with --discovery unix:/tmp/"));
    assert_in_range(dialer_next_tick_ms(&dialer), 1050, 1100);
    int listener = listen_at(path, SOCK_STREAM);
    assert_false(dialer_tick(&dialer, 1049)); /* its time has not come */
    assert_true(dialer_tick(&dialer, 1100));
    assert_true(dialer.fd >= 0);
    assert_int_equal(dialer_next_tick_ms(&dialer), UINT64_MAX);
    assert_false(dialer_tick(&dialer, 1200)); /* it is not new any more */
    assert_true(trouble_count == 1 && news_count == 1);
    close(listener);
}

static void test_tells_a_trouble_once_and_waits_longer(void **state)
{
    uint64_t now_ms = 0, pause_ms = 0;
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        assert_false(dialer_tick(&dialer, now_ms));
        pause_ms = dialer_next_tick_ms(&dialer) - now_ms;
        assert_in_range(pause_ms, 50, 1000);
        now_ms += pause_ms;
    }
    assert_in_range(pause_ms, 500, 1000);
    assert_int_equal(trouble_count, 1);
    close(listen_at(path, SOCK_STREAM)); /* left behind by one that ended */
    assert_false(dialer_tick(&dialer, now_ms));
    assert_non_null(strstr(said, "nobody listens there; start lb with --discovery unix:/tmp/"));
    assert_int_equal(trouble_count, 2);
}

static void test_names_the_remedy(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    dialer_tick(&dialer, 0);
    assert_non_null(strstr(said, "that is no socket; remove it"));
    unlink(path);
    int other = listen_at(path, SOCK_DGRAM);
    dialer_tick(&dialer, 1000);
    assert_non_null(strstr(said, "that is a socket of another kind"));
    close(other);
    unlink(path);
    int full = listen_at(path, SOCK_STREAM);
    assert_true(dialer_tick(&dialer, 2000));
    struct dialer second;
    dialer_init(&second, path, &(struct report){.say = say});
    dialer_tick(&second, 0); /* Linux queues one more than it was told to */
    if (second.fd < 0)
        assert_non_null(strstr(said, "it takes no more connections now"));
    dialer_fini(&second);
    close(full);
}

static void test_names_a_folder_that_is_not_there(void **state)
{
    struct dialer lost;
    char place[64];
    (void)state;
    snprintf(place, sizeof(place), "%s/none/line", folder);
    dialer_init(&lost, place, &(struct report){.say = say});
    dialer_tick(&lost, 0);
    assert_non_null(strstr(said, "its folder is not there; let lb and lb-discovery share one"));
    dialer_fini(&lost);
}

static void test_names_a_lack_of_rights(void **state)
{
    uid_t user = geteuid();
    (void)state;
    close(listen_at(path, SOCK_STREAM));
    chmod(path, 0);
    if (user == 0)
        assert_int_equal(seteuid(65534), 0); /* root may */
    dialer_tick(&dialer, 0);
    if (user == 0)
        assert_int_equal(seteuid(0), 0);
    assert_non_null(strstr(said, "permission denied; run lb-discovery as the user"));
}

/* lb comes back at once, as far as it can. */
static void test_comes_back_soon_after_a_long_life(void **state)
{
    (void)state;
    int listener = listen_at(path, SOCK_STREAM);
    assert_true(dialer_tick(&dialer, 1000));
    dialer_lose(&dialer, 100000);
    assert_in_range(dialer_next_tick_ms(&dialer), 100050, 100100);
    close(accept(listener, NULL, NULL));
    assert_true(dialer_tick(&dialer, 100100));
    assert_true(trouble_count == 0 && news_count == 1);
    close(listener);
}

static void test_tells_of_connections_that_do_not_last(void **state)
{
    uint64_t now_ms = 1000;
    (void)state;
    int listener = listen_at(path, SOCK_STREAM);
    for (unsigned i = 0; i < 12; i++) {
        assert_true(dialer_tick(&dialer, now_ms));
        dialer_lose(&dialer, now_ms);
        now_ms = dialer_next_tick_ms(&dialer);
        close(accept(listener, NULL, NULL));
    }
    assert_non_null(strstr(said, "closes each connection soon after it is there"));
    assert_true(trouble_count == 1 && news_count == 1);
    assert_true(dialer_tick(&dialer, now_ms));
    dialer_lose(&dialer, now_ms + 60000); /* that one did */
    close(accept(listener, NULL, NULL));
    assert_in_range(dialer_next_tick_ms(&dialer), now_ms + 60050, now_ms + 60100);
    assert_true(dialer_tick(&dialer, now_ms + 60100));
    assert_int_equal(news_count, 2);
    close(listener);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(test_without_a_path_it_rests),
        CASE(test_comes_when_there_is_somebody),
        CASE(test_tells_a_trouble_once_and_waits_longer),
        CASE(test_names_the_remedy),
        CASE(test_names_a_folder_that_is_not_there),
        CASE(test_names_a_lack_of_rights),
        CASE(test_comes_back_soon_after_a_long_life),
        CASE(test_tells_of_connections_that_do_not_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
