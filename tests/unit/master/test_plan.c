#include "lb/master/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int plan_of(struct channel_plan head, const char *strings, size_t size)
{
    int fd = memfd_create("plan", 0);
    assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
    assert_int_equal(write(fd, strings, size), size);
    return fd;
}

static int take(struct channel_plan head, const char *strings, size_t size)
{
    uint32_t low = 9, high = 9;
    int fd = plan_of(head, strings, size), own = plan_take(fd, &low, &high);
    close(fd);
    if (own >= 0) {
        assert_int_equal(low, head.port_low);
        assert_int_equal(high, head.port_high);
    }
    return own;
}

static void a_good_one_is_copied(void **state)
{
    static const char strings[] = "/bin/x\0arg\0A=1\0B=2";
    struct channel_plan head = {.argument_count = 1,
                                .environment_count = 2,
                                .port_low = 8000,
                                .port_high = 8100,
                                .strings_bytes = sizeof(strings)};
    uint32_t low, high;
    (void)state;
    int fd = plan_of(head, strings, sizeof(strings)), own = plan_take(fd, &low, &high);
    assert_true(own >= 0);
    assert_true(plan_is_same(fd, own));
    assert_int_equal(pwrite(fd, "Z", 1, sizeof(head)), 1);
    assert_false(plan_is_same(fd, own));
    assert_int_equal(pwrite(own, "Z", 1, sizeof(head)), -1); /* nobody writes to it any more */
    assert_true(fcntl(own, F_GETFD) & FD_CLOEXEC);
    close(fd);
    close(own);
}

static void its_arguments_alone_are_searched(void **state)
{
    static const char strings[] = "--gelf-program\0--sentry\0--other\0--gelf=x\0--last=1\0A=--gelf";
    struct channel_plan head = {
        .argument_count = 2, .environment_count = 3, .strings_bytes = sizeof(strings)};
    (void)state;
    int without = plan_of(head, strings, sizeof(strings));
    head.argument_count = 3;
    int with = plan_of(head, strings, sizeof(strings));
    assert_false(plan_has_argument(without, "--gelf"));
    assert_true(plan_has_argument(with, "--gelf"));
    assert_true(plan_has_argument(with, "--sentry"));
    assert_false(plan_has_argument(with, "--last"));
    assert_false(plan_has_argument(-1, "--gelf"));
    close(without);
    close(with);
}

static void hostile_heads_are_refused(void **state)
{
    static const char strings[] = "/bin/x\0arg\0A=1";
    const struct channel_plan heads[] = {
        {.argument_count = 1, .environment_count = 1, .strings_bytes = sizeof(strings) - 1},
        {.argument_count = 1, .environment_count = 1, .strings_bytes = sizeof(strings) + 1},
        {.argument_count = 1, .environment_count = 1, .strings_bytes = UINT64_MAX},
        {.argument_count = 2, .environment_count = 1, .strings_bytes = sizeof(strings)},
        {.argument_count = 0, .environment_count = 0, .strings_bytes = sizeof(strings)},
        {.argument_count = UINT32_MAX, .environment_count = 3, .strings_bytes = sizeof(strings)},
        {.argument_count = 1,
         .environment_count = 1,
         .strings_bytes = sizeof(strings),
         .port_low = 2,
         .port_high = 1},
        {.argument_count = 1,
         .environment_count = 1,
         .strings_bytes = sizeof(strings),
         .port_high = 65536},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        assert_int_equal(take(heads[i], strings, sizeof(strings)), -EBADMSG);
}

static void strings_that_do_not_end_or_name_nothing_are_refused(void **state)
{
    struct channel_plan head = {.argument_count = 1, .strings_bytes = 6};
    (void)state;
    assert_int_equal(take(head, "/x\0abc", 6), -EBADMSG);
    assert_int_equal(take(head, "\0abcd\0", 6), -EBADMSG);
    head = (struct channel_plan){.strings_bytes = 0};
    assert_int_equal(take(head, "", 0), -EBADMSG);
}

static void what_is_no_file_or_too_large_is_refused(void **state)
{
    int ends[2], fd = memfd_create("plan", 0);
    uint32_t low, high;
    (void)state;
    assert_int_equal(plan_take(fd, &low, &high), -EBADMSG);
    assert_int_equal(ftruncate(fd, CHANNEL_PLAN_BYTES_MAX + 1), 0);
    assert_int_equal(plan_take(fd, &low, &high), -EBADMSG);
    close(fd);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(plan_take(ends[0], &low, &high), -EBADMSG);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(plan_take(-1, &low, &high), -EBADF);
}

static void none_is_like_none(void **state)
{
    (void)state;
    assert_true(plan_is_same(-1, -1));
    assert_false(plan_is_same(-1, 0));
    assert_false(plan_is_same(0, -1));
}

static void the_child_becomes_it_with_the_words_of_both(void **state)
{
    static const char strings[] = "/bin/sh\0-c\0test \"$0 $A $CONSUL_X $DOCKER_Y\" = \"zero 1 plan "
                                  "master\"\0zero\0A=1\0CONSUL_X=plan";
    struct channel_plan head = {
        .argument_count = 3, .environment_count = 2, .strings_bytes = sizeof(strings)};
    char words[][16] = {"CONSUL_X=master", "DOCKER_Y=master", "A=master"};
    char *added[] = {words[0], words[1], words[2], NULL};
    int status, own = take(head, strings, sizeof(strings));
    (void)state;
    assert_true(own >= 0);
    pid_t pid = fork();
    if (pid == 0) {
        plan_execute(own, added);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(own);
}

static void one_that_is_not_there_is_told(void **state)
{
    static const char strings[] = "/nowhere/at/all";
    struct channel_plan head = {.strings_bytes = sizeof(strings)};
    char *none[] = {NULL};
    int own = take(head, strings, sizeof(strings));
    (void)state;
    assert_int_equal(plan_execute(own, none), -ENOENT);
    close(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one_is_copied),
        cmocka_unit_test(its_arguments_alone_are_searched),
        cmocka_unit_test(hostile_heads_are_refused),
        cmocka_unit_test(strings_that_do_not_end_or_name_nothing_are_refused),
        cmocka_unit_test(what_is_no_file_or_too_large_is_refused),
        cmocka_unit_test(none_is_like_none),
        cmocka_unit_test(the_child_becomes_it_with_the_words_of_both),
        cmocka_unit_test(one_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
