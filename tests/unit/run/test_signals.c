/* Which signal asks for what, that strays do nothing, and that none ends a program that closes. */
#include "lb/run/signals.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static uv_loop_t uv;
static struct signals signals;
static char asked[64];

static void ask(void *owner, const char *what)
{
    assert_ptr_equal(owner, &uv);
    size_t used = strlen(asked);
    snprintf(asked + used, sizeof(asked) - used, "%s ", what);
}

static void on_end(void *owner, int number, const char *name)
{
    char what[32];
    snprintf(what, sizeof(what), "end:%d:%s", number, name);
    ask(owner, what);
}

static void on_reload(void *owner)
{
    ask(owner, "reload");
}

static void on_reopen(void *owner)
{
    ask(owner, "reopen");
}

static int open_signals(void **state)
{
    (void)state;
    struct signals_options options = {
        .uv = &uv, .on_end = on_end, .on_reload = on_reload, .on_reopen = on_reopen, .owner = &uv};
    assert_int_equal(uv_loop_init(&uv), 0);
    signals_init(&signals, &options);
    return 0;
}

static void handle_all_by(void (*handler)(int number))
{
    for (int number = 1; number <= SIGRTMAX; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, handler);
}

static int close_signals(void **state)
{
    sigset_t all;
    (void)state;
    signals_close(&signals);
    signals_close(&signals);
    uv_run(&uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&uv), 0);
    handle_all_by(SIG_IGN); /* what waits is dropped */
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    handle_all_by(SIG_DFL);
    return 0;
}

static const char *asked_by(int number)
{
    asked[0] = '\0';
    raise(number);
    for (unsigned i = 0; i < 3; i++)
        uv_run(&uv, UV_RUN_NOWAIT);
    return asked;
}

static void test_what_each_asks_for(void **state)
{
    char want[32];
    (void)state;
    assert_string_equal(asked_by(SIGHUP), "reload ");
    assert_string_equal(asked_by(SIGUSR1), "reopen ");
    snprintf(want, sizeof(want), "end:%d:SIGTERM ", SIGTERM);
    assert_string_equal(asked_by(SIGTERM), want);
    snprintf(want, sizeof(want), "end:%d:SIGINT ", SIGINT);
    assert_string_equal(asked_by(SIGINT), want);
    snprintf(want, sizeof(want), "end:%d:SIGQUIT ", SIGQUIT);
    assert_string_equal(asked_by(SIGQUIT), want);
    assert_string_equal(asked_by(SIGHUP), "reload "); /* the second time, too */
}

static void test_strays_do_nothing(void **state)
{
    static const int strays[] = {SIGPIPE, SIGALRM, SIGUSR2, SIGVTALRM, SIGPROF,
                                 SIGIO,   SIGPWR,  SIGXCPU, SIGXFSZ,   SIGSTKFLT};
    (void)state;
    for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++)
        assert_string_equal(asked_by(strays[i]), "");
    assert_string_equal(asked_by(SIGRTMIN), "");
    assert_string_equal(asked_by(SIGRTMAX), "");
}

static void test_what_comes_after_the_end_waits(void **state)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1};
    sigset_t waiting;
    (void)state;
    signals_close(&signals);
    uv_run(&uv, UV_RUN_DEFAULT);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_string_equal(asked_by(numbers[i]), "");
        sigpending(&waiting);
        assert_true(sigismember(&waiting, numbers[i]));
    }
}

static void *take_one_of_each(void *numbers)
{
    for (const int *number = numbers; *number; number++)
        pthread_kill(pthread_self(), *number);
    return NULL;
}

static void test_after_the_end_a_thread_that_takes_them_does_not_die(void **state)
{
    static int numbers[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, 0};
    pthread_t thread;
    sigset_t all;
    (void)state;
    signals_close(&signals);
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    assert_int_equal(pthread_create(&thread, NULL, take_one_of_each, numbers), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_signals, close_signals)
    const struct CMUnitTest tests[] = {
        TEST(test_what_each_asks_for),
        TEST(test_strays_do_nothing),
        TEST(test_what_comes_after_the_end_waits),
        TEST(test_after_the_end_a_thread_that_takes_them_does_not_die),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
