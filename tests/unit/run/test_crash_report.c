/* Children crash, each in its way. */
#include "lb/run/crash_report.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "lb/base/thread.h"
#include "lb/jail/jail.h"

#define PROGRAM "lb-test"

struct crash {
    void (*run)(void);
    enum log_format format;
    bool is_jailed;
    int kept_fd;
};

/* What a child wrote to standard error. */
struct told {
    char bytes[8192];
    int status;
};

static void run_child(const struct crash *crash)
{
    struct text problem = TEXT_INIT;
    log_open(PROGRAM, LOG_LEVEL_INFO, crash->format);
    crash_report_open(PROGRAM);
    crash_report_keep(crash->kept_fd);
    if (crash->is_jailed && !jail_enter(&(struct jail_options){.mode = JAIL_STRICT}, &problem))
        _exit(1);
    crash->run();
    _exit(0);
}

static void let_crash(const struct crash *crash, struct told *told)
{
    int ends[2];
    size_t len = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        run_child(crash);
    }
    close(ends[1]);
    for (ssize_t got = 1; got > 0; len += (size_t)got)
        got = read(ends[0], told->bytes + len, sizeof(told->bytes) - 1 - len);
    told->bytes[len] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &told->status, 0), pid);
}

static void assert_told(const struct told *told, const char *words)
{
    if (!strstr(told->bytes, words))
        fail_msg("\"%s\" is not in: %s", words, told->bytes);
}

/* ---- ways to crash --------------------------------------------------------------------------- */

static volatile uintptr_t nowhere = 16;

static __attribute__((noinline)) void write_nowhere(void)
{
    *(volatile int *)nowhere = 1;
}

static __attribute__((noinline)) void by_a_function(void)
{
    write_nowhere();
    nowhere++;
}

static void by_abort(void)
{
    abort();
}

static void by_assert(void)
{
    assert(nowhere == 0);
}

static void by_trap(void)
{
    __builtin_trap();
}

static void by_call_to_nowhere(void)
{
    void (*call)(void);
    uintptr_t where = nowhere;
    memcpy(&call, &where, sizeof(call));
    call();
}

static void by_signal(void)
{
    kill(getppid(), 0);
    raise(SIGBUS);
}

static __attribute__((noinline)) int use_all_stack(int depth)
{
    volatile char much[4096];
    much[0] = (char)depth;
    return depth < 0 ? much[0] : use_all_stack(depth + 1) + much[0];
}

static void *run_thread(void *argument)
{
    prctl(PR_SET_NAME, "wor\"ker", 0, 0, 0);
    use_all_stack(0);
    return argument;
}

static void by_a_thread_without_stack(void)
{
    pthread_t thread;
    thread_start(&thread, NULL, run_thread, NULL);
    pthread_join(thread, NULL);
}

static void *write_in_thread(void *argument)
{
    write_nowhere();
    return argument;
}

static void by_many_threads(void)
{
    pthread_t threads[8];
    for (unsigned i = 0; i < 8; i++)
        thread_start(&threads[i], NULL, write_in_thread, NULL);
    pthread_join(threads[0], NULL);
}

static void with_nobody_who_reads(void)
{
    int ends[2];
    static char much[1 << 16];
    if (pipe2(ends, O_NONBLOCK) < 0)
        _exit(1);
    while (write(ends[1], much, sizeof(much)) > 0)
        continue;
    fcntl(ends[1], F_SETFL, 0);
    dup2(ends[1], STDERR_FILENO);
    abort();
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void test_address_and_way(void **state)
{
    struct told told;
    (void)state;
    let_crash(&(struct crash){by_a_function, LOG_FORMAT_PLAIN, false, -1}, &told);
    assert_true(WIFSIGNALED(told.status) && WTERMSIG(told.status) == SIGSEGV);
    assert_told(&told,
                " error " PROGRAM ": crashed: signal 11 (SIGSEGV) at address 0x10 in thread ");
    assert_told(&told, "; version ");
    const char *code = strstr(told.bytes, "; code " PROGRAM "+0x");
    assert_non_null(code);
    unsigned count = 0;
    for (; (code = strstr(code, PROGRAM "+0x")); code++)
        count++;
    assert_null(strstr(told.bytes, "?"));
    assert_in_range(count, 2, 8); /* from write_nowhere to main; some builds join them */
    assert_int_equal(told.bytes[strlen(told.bytes) - 1], '\n');
    assert_null(strstr(told.bytes, "build id unknown"));
}

static void test_json(void **state)
{
    struct told told;
    (void)state;
    let_crash(&(struct crash){by_a_thread_without_stack, LOG_FORMAT_JSON, false, -1}, &told);
    assert_true(WIFSIGNALED(told.status) && WTERMSIG(told.status) == SIGSEGV);
    assert_true(strncmp(told.bytes, "{\"@timestamp\":\"2", 16) == 0);
    assert_told(&told,
                "Z\",\"log.level\":\"error\",\"ecs.version\":\"8.11.0\",\"log.logger\":\"" PROGRAM
                "\",\"message\":\"crashed: signal 11 (SIGSEGV) at address 0x");
    assert_told(&told, " (wor?ker); version ");
    assert_string_equal(told.bytes + strlen(told.bytes) - 3, "\"}\n");
}

static void test_each_way_to_crash(void **state)
{
    static const struct {
        void (*run)(void);
        int number;
        const char *words;
    } ways[] = {
        {by_abort, SIGABRT, "crashed: signal 6 (SIGABRT) by itself in thread "},
        {by_assert, SIGABRT, "nowhere == 0"},
        {by_trap, SIGILL, "crashed: signal 4 (SIGILL) at address "},
        {by_call_to_nowhere, SIGSEGV, "; code 0x10"},
        {by_signal, SIGBUS, "(SIGBUS) by itself"},
        {by_many_threads, SIGSEGV, "(SIGSEGV) at address 0x10"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(ways) / sizeof(ways[0]); i++) {
        struct told told;
        struct crash crash = {ways[i / 2].run, LOG_FORMAT_PLAIN, i % 2 == 1, -1};
        let_crash(&crash, &told);
        assert_told(&told, ways[i / 2].words);
        assert_told(&told, " error " PROGRAM ": crashed: signal ");
        assert_told(&told, " " PROGRAM "+0x"); /* also where the C library was the last */
        assert_true(WIFSIGNALED(told.status));
        if (ways[i / 2].number != SIGILL) /* some machines have a trap of their own */
            assert_int_equal(WTERMSIG(told.status), ways[i / 2].number);
    }
}

static void test_once_however_many(void **state)
{
    struct told told;
    (void)state;
    let_crash(&(struct crash){by_many_threads, LOG_FORMAT_PLAIN, false, -1}, &told);
    const char *first = strstr(told.bytes, "crashed:");
    assert_non_null(first);
    assert_null(strstr(first + 1, "crashed:"));
}

static void test_it_is_kept(void **state)
{
    struct told told;
    char kept[CRASH_REPORT_BYTES_MAX];
    int fd = memfd_create("report", MFD_CLOEXEC);
    (void)state;
    memset(kept, 'x', sizeof(kept));
    assert_int_equal(write(fd, kept, sizeof(kept)), sizeof(kept));
    let_crash(&(struct crash){by_abort, LOG_FORMAT_JSON, true, fd}, &told);
    ssize_t len = pread(fd, kept, sizeof(kept), 0);
    assert_in_range(len, 50, 2000);
    assert_int_equal(kept[len - 1], '\0');
    assert_int_equal(strlen(kept), len - 1);
    assert_true(strncmp(kept, "crashed: signal 6 (SIGABRT)", 27) == 0);
    assert_told(&told, kept);
    close(fd);
}

static void test_nobody_who_reads_holds_it_up(void **state)
{
    struct told told;
    (void)state;
    let_crash(&(struct crash){with_nobody_who_reads, LOG_FORMAT_PLAIN, false, -1}, &told);
    assert_true(WIFSIGNALED(told.status) && WTERMSIG(told.status) == SIGABRT);
    assert_string_equal(told.bytes, "");
}

int main(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_and_way),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_each_way_to_crash),
        cmocka_unit_test(test_once_however_many),
        cmocka_unit_test(test_it_is_kept),
        cmocka_unit_test(test_nobody_who_reads_holds_it_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
