/* Work on other threads: done there, told on the loop, bounded, called off. */
#include "lb/net/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "lb/base/list.h"

static struct loop loop;
static pthread_t loop_thread;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* closed: errands wait in it */
static bool is_gate_closed;
static atomic_uint run_count;

static void set_gate(bool is_closed)
{
    if (is_closed != is_gate_closed)
        is_closed ? pthread_mutex_lock(&gate) : pthread_mutex_unlock(&gate);
    is_gate_closed = is_closed;
}

struct job {
    struct errand errand;
    unsigned told_count;
    bool was_run, ran_elsewhere;
    sigset_t blocked; /* where it ran */
};

static void run(struct errand *errand)
{
    struct job *job = list_entry(errand, struct job, errand);
    job->ran_elsewhere = !pthread_equal(pthread_self(), loop_thread);
    pthread_sigmask(SIG_SETMASK, NULL, &job->blocked);
    atomic_fetch_add(&run_count, 1);
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}

static void on_done(struct errand *errand, bool was_run)
{
    struct job *job = list_entry(errand, struct job, errand);
    assert_true(pthread_equal(pthread_self(), loop_thread));
    job->told_count++;
    job->was_run = was_run;
}

static int set_up(void **state)
{
    (void)state;
    loop_thread = pthread_self();
    run_count = 0;
    return loop_init(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    set_gate(false);
    loop_fini(&loop);
    return 0;
}

static bool start(struct job *job)
{
    *job = (struct job){.errand = {.run = run, .on_done = on_done}};
    return errand_start(&job->errand, &loop);
}

static void test_it_is_done_elsewhere_and_told_here(void **state)
{
    struct job job;
    (void)state;
    assert_true(start(&job));
    assert_int_equal(loop.errand_count, 1);
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    assert_true(job.was_run && job.ran_elsewhere);
    assert_int_equal(job.told_count, 1);
    assert_int_equal(loop.errand_count, 0);
}

/* Else one that ends the program could come to a thread of the pool, where nobody waits for it. */
static void test_the_pool_takes_no_signal(void **state)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1};
    struct job job;
    sigset_t mine;
    (void)state;
    assert_true(start(&job));
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_true(sigismember(&job.blocked, numbers[i]));
        assert_false(sigismember(&mine, numbers[i]));
    }
}

static void test_so_many_at_once_and_no_more(void **state)
{
    static struct job jobs[ERRAND_MAX], more;
    (void)state;
    set_gate(true);
    for (unsigned i = 0; i < ERRAND_MAX; i++)
        assert_true(start(&jobs[i]));
    assert_false(start(&more));
    set_gate(false);
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < ERRAND_MAX; i++)
        assert_int_equal(jobs[i].told_count, 1);
    assert_int_equal(more.told_count, 0);
    assert_true(start(&more));
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    assert_true(more.was_run);
}

static void test_what_is_called_off_need_not_begin(void **state)
{
    static struct job jobs[ERRAND_MAX];
    (void)state;
    set_gate(true);
    for (unsigned i = 0; i < ERRAND_MAX; i++)
        assert_true(start(&jobs[i]));
    for (unsigned i = 0; i < ERRAND_MAX; i++)
        errand_call_off(&jobs[i].errand);
    set_gate(false);
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    unsigned was_run_count = 0;
    for (unsigned i = 0; i < ERRAND_MAX; i++) {
        assert_int_equal(jobs[i].told_count, 1);
        was_run_count += jobs[i].was_run;
    }
    assert_int_equal(was_run_count, run_count);
    assert_true(was_run_count < ERRAND_MAX / 2); /* those that had begun */
    assert_int_equal(loop.errand_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_it_is_done_elsewhere_and_told_here),
        TEST(test_the_pool_takes_no_signal),
        TEST(test_so_many_at_once_and_no_more),
        TEST(test_what_is_called_off_need_not_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
