/* Signals go to who waits for them, never to a thread. */
#include "lb/base/thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void *blocked_from_the_start(void *argument)
{
    pthread_sigmask(SIG_SETMASK, NULL, argument);
    return NULL;
}

static void test_a_thread_takes_no_signal(void **state)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGALRM};
    pthread_t thread;
    sigset_t blocked;
    (void)state;
    sigemptyset(&blocked);
    assert_int_equal(thread_start(&thread, NULL, blocked_from_the_start, &blocked), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_true(sigismember(&blocked, numbers[i]));
}

static void test_who_starts_it_takes_the_signals_it_took(void **state)
{
    pthread_t thread;
    sigset_t mine, blocked;
    (void)state;
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
    assert_int_equal(thread_start(&thread, NULL, blocked_from_the_start, &blocked), 0);
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_true(sigismember(&mine, SIGUSR2));
    assert_false(sigismember(&mine, SIGHUP));
}

static void test_what_a_thread_brings_upon_itself_is_heard(void **state)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
    pthread_t thread;
    sigset_t blocked;
    (void)state;
    sigfillset(&blocked);
    assert_int_equal(thread_start(&thread, NULL, blocked_from_the_start, &blocked), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_false(sigismember(&blocked, numbers[i]));
}

static int opened, closed;

static void *open_own(void)
{
    opened++;
    return &opened;
}

static void close_own(void *kept)
{
    closed += kept == &opened;
}

static void *take_part(void *argument)
{
    return opened == 1 && closed == 0 ? argument : NULL;
}

/* The last test: from here on it is so for all. */
static void test_what_each_thread_does_first_and_last(void **state)
{
    pthread_t thread;
    void *result;
    (void)state;
    thread_set_custom(open_own, close_own);
    assert_int_equal(thread_start(&thread, NULL, take_part, &thread), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &thread);
    assert_int_equal(closed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_takes_no_signal),
        cmocka_unit_test(test_who_starts_it_takes_the_signals_it_took),
        cmocka_unit_test(test_what_a_thread_brings_upon_itself_is_heard),
        cmocka_unit_test(test_what_each_thread_does_first_and_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
