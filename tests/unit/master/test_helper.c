#include "lb/master/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/base/clock.h"
#include "lb/master/processes.h"

#define MS 1000000u

/* A plan of /bin/sh -c with that script, or of that program alone. */
static int plan_of(const char *program, const char *script)
{
    char strings[512];
    int size = script ? snprintf(strings, sizeof(strings), "%s%c-c%c%s", program, 0, 0, script)
                      : snprintf(strings, sizeof(strings), "%s", program);
    struct channel_plan head = {.argument_count = script ? 2 : 0,
                                .strings_bytes = (uint64_t)size + 1};
    int fd = memfd_create("plan", MFD_CLOEXEC);
    assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
    assert_int_equal(write(fd, strings, (size_t)size + 1), size + 1);
    return fd;
}

static int is_itself(const struct channel_place *place)
{
    (void)place;
    return 0;
}

static int may_not(const struct channel_place *place)
{
    (void)place;
    return -EPERM;
}

static char *const no_words[] = {NULL};

static struct helper_start start_of(int (*become)(const struct channel_place *))
{
    static const struct bells bells = {.fd = -1};
    return (struct helper_start){
        .fds = {-1, -1, -1, -1, -1, -1}, .become = become, .words = no_words, .bells = &bells};
}

static int status_of(pid_t pid)
{
    int status;
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void holds(int fd, const char *wanted)
{
    char got[32] = "";
    assert_int_equal(pread(fd, got, sizeof(got) - 1, 0), strlen(wanted));
    assert_string_equal(got, wanted);
    close(fd);
}

static void its_descriptors_are_where_they_are_said_to_be(void **state)
{
    struct helper helper;
    struct helper_start start = start_of(is_itself);
    int four =
        memfd_create("four", MFD_CLOEXEC); /* which is descriptor 3, and the other way round */
    int three = memfd_create("three", MFD_CLOEXEC), output = memfd_create("1", MFD_CLOEXEC);
    (void)state;
    helper_init(&helper);
    helper_take_plan(&helper, plan_of("/bin/sh", "echo one; echo three >&3; echo four >&4"));
    start.fds[1] = output;
    start.fds[3] = three;
    start.fds[4] = four;
    assert_int_equal(status_of(helper_start(&helper, &start)), 0);
    holds(output, "one\n");
    holds(three, "three\n");
    holds(four, "four\n");
    assert_int_equal(helper.start_count, 1);
    helper_take_plan(&helper, -1);
    assert_int_equal(helper.plan, -1);
}

static void what_is_not_given_is_not_there(void **state)
{
    struct helper helper;
    struct helper_start start = start_of(is_itself);
    int one = memfd_create("one", MFD_CLOEXEC), other = memfd_create("other", MFD_CLOEXEC);
    char script[128];
    (void)state;
    helper_init(&helper);
    snprintf(script, sizeof(script), "test ! -e /proc/$$/fd/%d -a ! -e /proc/$$/fd/%d", one, other);
    helper_take_plan(&helper, plan_of("/bin/sh", script));
    assert_int_equal(status_of(helper_start(&helper, &start)), 0);
    close(one);
    close(other);
    helper_take_plan(&helper, -1);
}

static void who_cannot_is_told_at_once(void **state)
{
    struct helper helper;
    struct helper_start start = start_of(is_itself);
    (void)state;
    helper_init(&helper);
    helper_take_plan(&helper, plan_of("/nowhere/at/all", NULL));
    assert_int_equal(helper_start(&helper, &start), -ENOENT);
    start.become = may_not;
    assert_int_equal(helper_start(&helper, &start), -EPERM);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left of them */
    assert_int_equal(helper.start_count, 2);
    helper_take_plan(&helper, -1);
}

static void its_pauses_grow_up_to_some_seconds(void **state)
{
    struct helper helper;
    struct rng rng;
    (void)state;
    helper_init(&helper);
    rng_init(&rng);
    for (unsigned i = 0; i < 40; i++) {
        uint64_t before_ns = clock_mono_ns();
        uint64_t most_ms = i < 6 ? 100u << i : 5000;
        helper_start_later(&helper, &rng);
        assert_true(helper.restart_at_ns >= before_ns + most_ms / 2 * MS);
        assert_true(helper.restart_at_ns <= clock_mono_ns() + most_ms * MS);
    }
    assert_int_equal(helper.failures_in_a_row, 40);
}

static void one_is_told_to_end_once(void **state)
{
    struct processes processes;
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    processes_init(&processes);
    struct process *process = processes_add(&processes, PROCESS_REPORTER, pid);
    kill(pid, SIGSTOP);
    helper_tell_to_end(process, 1000);
    uint64_t due_ns = process->due_ns;
    assert_true(process->is_condemned && due_ns > 0);
    int status = status_of(pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM); /* though it was stopped */
    process->pid = -1;
    helper_tell_to_end(process, 5000);
    assert_int_equal(process->due_ns, due_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_descriptors_are_where_they_are_said_to_be),
        cmocka_unit_test(what_is_not_given_is_not_there),
        cmocka_unit_test(who_cannot_is_told_at_once),
        cmocka_unit_test(its_pauses_grow_up_to_some_seconds),
        cmocka_unit_test(one_is_told_to_end_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
