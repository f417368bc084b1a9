/* Which of the places where the engine's socket may be is taken. */
#include "discovery/docker/engine_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

#define SCHEME "unix://"

static char folder[] = "/tmp/test_engine_socket.XXXXXX";
static char first[64], second[64];

/* Binds a socket there, which stays when it is closed. */
static void make_socket(const char *endpoint)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", endpoint + strlen(SCHEME));
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    close(fd);
}

static const char *choose(void)
{
    return engine_socket_choose((const char *const[]){first, second}, 2);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(first, sizeof(first), SCHEME "%s/1", folder);
    snprintf(second, sizeof(second), SCHEME "%s/2", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(first + strlen(SCHEME));
    rmdir(first + strlen(SCHEME));
    unlink(second + strlen(SCHEME));
    rmdir(folder);
    return 0;
}

/* What cannot be found is told of the place where it should be. */
static void test_usual_place_where_there_is_none(void **state)
{
    (void)state;
    assert_string_equal(choose(), first);
}

static void test_other_place_where_only_that_has_one(void **state)
{
    (void)state;
    make_socket(second);
    assert_string_equal(choose(), second);
}

/* An engine that found no socket to mount has made a folder of it. */
static void test_folder_is_no_socket(void **state)
{
    (void)state;
    assert_int_equal(mkdir(first + strlen(SCHEME), 0700), 0);
    assert_string_equal(choose(), second);
    assert_int_equal(rmdir(first + strlen(SCHEME)), 0);
}

static void test_first_where_both_have_one(void **state)
{
    (void)state;
    make_socket(first);
    assert_string_equal(choose(), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_place_where_there_is_none),
        cmocka_unit_test(test_other_place_where_only_that_has_one),
        cmocka_unit_test(test_folder_is_no_socket),
        cmocka_unit_test(test_first_where_both_have_one),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
