#include "lb/run/crash_report.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/base/thread.h"
#include "lb/run/crash_stack.h"
#include "lb/run/crash_text.h"

#define PATIENCE_MS   50 /* with who reads the log */
#define STACK_BYTES   16384u
#define NAME_BYTES    16 /* of a thread, prctl(2) */
#define OTHERS_WAIT_S 2

static const struct {
    int number;
    const char *name;
} heard[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGILL, "SIGILL"},   {SIGFPE, "SIGFPE"},
    {SIGABRT, "SIGABRT"}, {SIGSYS, "SIGSYS"}, {SIGTRAP, "SIGTRAP"},
};

/* Who is called by a signal has nothing else. */
static struct {
    const char *program;
    _Atomic int kept_fd;
    atomic_flag is_busy;
    struct crash_stack stack;
    struct crash_text message, line;
} report = {.kept_fd = -1, .is_busy = ATOMIC_FLAG_INIT};

/* ---- in the handler -------------------------------------------------------------------------- */

static const char *name_of(int number)
{
    for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
        if (heard[i].number == number)
            return heard[i].name;
    return "?";
}

/* The kernel says at which address; a process, also this one itself (abort), says who it is. */
static void append_cause(const siginfo_t *info, struct crash_text *text)
{
    if (info->si_code > 0) {
        crash_text_append(text, " at address ");
        crash_text_append_hex(text, (uintptr_t)info->si_addr);
    } else if (info->si_pid != getpid()) {
        crash_text_append(text, " sent by process ");
        crash_text_append_number(text, (uint64_t)info->si_pid);
    } else {
        crash_text_append(text, " by itself");
    }
}

static void append_thread(struct crash_text *text)
{
    char name[NAME_BYTES + 1] = "";
    prctl(PR_GET_NAME, name, 0, 0, 0);
    crash_text_append(text, " in thread ");
    crash_text_append_number(text, (uint64_t)gettid());
    crash_text_append(text, " (");
    crash_text_append_safe(text, name);
    crash_text_append(text, ")");
}

static void write_message(int number, const siginfo_t *info, const void *context)
{
    struct crash_text *text = &report.message;
    crash_text_append(text, "crashed: signal ");
    crash_text_append_number(text, (uint64_t)number);
    crash_text_append(text, " (");
    crash_text_append(text, name_of(number));
    crash_text_append(text, ")");
    append_cause(info, text);
    append_thread(text);
    crash_text_append(text, "; version " LB_VERSION ", build id ");
    if (report.stack.build_id_bytes == 0)
        crash_text_append(text, "unknown");
    crash_text_append_bytes(text, report.stack.build_id, report.stack.build_id_bytes);
    crash_text_append(text, "; code");
    crash_stack_append(&report.stack, context, text);
}

/* As lb/base/log has it. */
static void write_line(void)
{
    struct crash_text stamp = {.len = 0}, *line = &report.line;
    struct timespec now;
    bool is_json = log_is_json();
    clock_gettime(CLOCK_REALTIME, &now);
    crash_text_append_time(&stamp, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    if (is_json) {
        crash_text_append(line, "{\"@timestamp\":\"");
        crash_text_append(line, stamp.bytes);
        crash_text_append(
            line, "\",\"log.level\":\"error\",\"ecs.version\":\"8.11.0\",\"log.logger\":\"");
        crash_text_append_safe(line, report.program);
        crash_text_append(line, "\",\"message\":\"");
    } else {
        stamp.bytes[sizeof("2026-11-22T02:30:00.123") - 1] = '\0';
        crash_text_append(line, stamp.bytes + sizeof("2026-11-22T") - 1);
        crash_text_append(line, " error ");
        crash_text_append_safe(line, report.program);
        crash_text_append(line, ": ");
    }
    crash_text_append(line, report.message.bytes);
    crash_text_append(line, is_json ? "\"}\n" : "\n");
}

static void tell(void)
{
    struct pollfd wish = {.fd = STDERR_FILENO, .events = POLLOUT};
    int kept_fd = report.kept_fd;
    if (kept_fd >= 0 &&
        pwrite(kept_fd, report.message.bytes, report.message.len + 1, 0) >
            (ssize_t)report.message.len &&
        ftruncate(kept_fd, (off_t)report.message.len + 1) < 0)
        return; /* what was there before was as long: the NUL ends it */
    if (poll(&wish, 1, PATIENCE_MS) <= 0 ||
        write(STDERR_FILENO, report.line.bytes, report.line.len) < 0)
        return; /* nobody reads */
}

/* The signal is blocked here: it comes when this returns, and then does what it does without a handler. A second
 * thread that crashes at the same time waits for the end that the first one brings. */
static void on_crash(int number, siginfo_t *info, void *context)
{
    struct timespec wait = {.tv_sec = OTHERS_WAIT_S};
    if (atomic_flag_test_and_set(&report.is_busy)) {
        nanosleep(&wait, NULL);
    } else {
        write_message(number, info, context);
        write_line();
        tell();
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- at the start ---------------------------------------------------------------------------- */

void *crash_report_thread_open(void)
{
    size_t bytes = STACK_BYTES + (size_t)sysconf(_SC_MINSIGSTKSZ);
    stack_t stack = {.ss_size = bytes, .ss_sp = memory_new(bytes)};
    if (sigaltstack(&stack, NULL) == 0)
        return stack.ss_sp;
    free(stack.ss_sp);
    return NULL;
}

void crash_report_thread_close(void *stack)
{
    stack_t none = {.ss_flags = SS_DISABLE};
    if (stack && sigaltstack(&none, NULL) == 0)
        free(stack);
}

void crash_report_keep(int fd)
{
    report.kept_fd = fd;
}

/* A sanitizer reports by itself. */
static bool has_reporter(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

void crash_report_open(const char *program)
{
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    report.program = program;
    if (has_reporter())
        return;
    crash_stack_open(&report.stack, program);
    sigemptyset(&action.sa_mask);
    crash_report_thread_open();
    thread_set_custom(crash_report_thread_open, crash_report_thread_close);
    for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
        sigaction(heard[i].number, &action, NULL);
}
