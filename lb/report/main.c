/* lb-report: what lb tells goes to GELF and to Sentry. It is outside of the way of requests: nobody waits for it. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/report/cell.h"
#include "lb/report/dispatch.h"
#include "lb/report/inbox.h"

#define DSN_VARIABLE    "LB_SENTRY_DSN"
#define EXIT_USAGE      2
#define MESSAGES_A_TURN 256u
#define MS_NS           UINT64_C(1000000)
#define PATIENCE_MS     1700u /* once it is told to end: within 2 s with what comes after it */
#define READING_MS      500u  /* of that, for messages that are still there */

static const char prefix[] = "lb-report: ";

struct program {
    struct options options;
    struct dsn dsn;
    bool has_dsn;
    struct inbox inbox;
    struct dispatch dispatch;
};

/* Out of the environment, and out of what /proc shows of it. */
static bool take_dsn(struct program *program, struct text *problem)
{
    char *value = getenv(DSN_VARIABLE);
    if (!value)
        return true;
    program->has_dsn = value[0] != '\0';
    bool is_good = !program->has_dsn || dsn_parse(view_str(value), &program->dsn, problem);
    explicit_bzero(value, strlen(value));
    unsetenv(DSN_VARIABLE);
    return is_good;
}

/* A sanitizer has to look into itself. */
static void hide(enum jail_mode jail)
{
    if (jail != JAIL_OFF)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* ---- while it runs ------------------------------------------------------------------------------------ */

static enum inbox_end take_messages(struct program *program)
{
    enum inbox_end end = INBOX_EMPTY;
    struct view message;
    char kind;
    for (unsigned i = 0; i < MESSAGES_A_TURN; i++) {
        end = inbox_take(&program->inbox, &kind, &message);
        if (end == INBOX_EMPTY || end == INBOX_CLOSED)
            break;
        if (end == INBOX_MESSAGE)
            dispatch_take(&program->dispatch, kind, message);
    }
    return end;
}

/* Until it is told to end, or nobody will tell it anything any more. */
static void run(struct program *program, int signal_fd)
{
    struct pollfd fds[] = {{.fd = program->inbox.fd, .events = POLLIN},
                           {.fd = signal_fd, .events = POLLIN}};
    do {
        poll(fds, 2, -1);
    } while (take_messages(program) != INBOX_CLOSED && !(fds[1].revents & POLLIN));
}

/* What is still there is read, and what waits delivered. */
static void finish(struct program *program)
{
    uint64_t begun_ns = clock_mono_ns(), spent_ms = 0;
    enum inbox_end end;
    do {
        end = take_messages(program);
        spent_ms = (clock_mono_ns() - begun_ns) / MS_NS;
    } while (end != INBOX_EMPTY && end != INBOX_CLOSED && spent_ms < READING_MS);
    bool is_ended = dispatch_close(&program->dispatch,
                                   spent_ms < PATIENCE_MS ? PATIENCE_MS - (uint32_t)spent_ms : 0);
    log_close();
    if (!is_ended)
        _exit(EXIT_SUCCESS); /* libraries that are taken down would crash the thread that hangs */
}

static void tell_where(const struct program *program)
{
    const struct gelf_url *gelf = &program->options.gelf;
    if (program->options.has_gelf)
        log_info("lines of logs go to %s port %u by GELF over %s", gelf->host, gelf->port,
                 gelf->transport == GELF_UDP ? "UDP" : "TCP");
    if (program->has_dsn)
        log_info("incidents go to Sentry, %s", program->dsn.shown);
}

static int open_and_run(struct program *program, int signal_fd)
{
    struct text told = TEXT_INIT;
    struct report_counts *counts = counts_open(REPORT_COUNTS_FD);
    bool is_open = cell_enter(program->options.jail, &told);
    if (is_open) {
        log_info("jail: %s", text_str(&told));
        text_clear(&told);
    }
    is_open = is_open && dispatch_open(&program->dispatch, &program->options,
                                       program->has_dsn ? &program->dsn : NULL, counts, &told);
    if (!is_open) {
        log_error("%s", text_str(&told));
        text_fini(&told);
        return EXIT_FAILURE;
    }
    tell_where(program);
    dsn_forget(&program->dsn);
    text_fini(&told);
    run(program, signal_fd);
    finish(program);
    return EXIT_SUCCESS;
}

/* ---- at the start --------------------------------------------------------------------------------------- */

static int open_signals(void)
{
    sigset_t signals;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int refuse(struct text *problem)
{
    fprintf(stderr, "%s%s\n", prefix, text_str(problem));
    text_fini(problem);
    return EXIT_USAGE;
}

/* What is missing, as a sentence; false where nothing is. */
static bool is_missing(struct program *program, struct text *problem)
{
    if (!program->options.has_gelf && !program->has_dsn)
        text_append_str(problem,
                        "there is nothing to deliver to; give --gelf URL, or a DSN by " DSN_VARIABLE
                        " in the environment");
    else if (!inbox_open(&program->inbox, REPORT_INBOX_FD))
        text_append_str(
            problem, "descriptor 3 is no SOCK_SEQPACKET socket, by which lb would tell it; it is "
                     "started by lb, where --gelf or --sentry-dsn is set");
    return problem->len > 0;
}

int main(int argc, char *argv[])
{
    static struct program program;
    struct text problem = TEXT_INIT;
    if (!options_parse(argc, argv, &program.options, &problem))
        return refuse(&problem);
    if (program.options.action == OPTIONS_HELP) {
        fputs(options_help(), stdout);
        return EXIT_SUCCESS;
    }
    if (program.options.action == OPTIONS_VERSION) {
        printf("lb-report %s (libcurl %s, jansson %s)\n", LB_VERSION,
               sentry_sender_library_version(), JANSSON_VERSION);
        return EXIT_SUCCESS;
    }
    hide(program.options.jail);
    if (!take_dsn(&program, &problem) || is_missing(&program, &problem))
        return refuse(&problem);
    log_open("lb-report", program.options.log_level, program.options.log_format);
    int signal_fd = open_signals();
    if (signal_fd < 0 || !sentry_sender_begin()) {
        log_error("the system gives no memory to libcurl, or no descriptor for signals; give more "
                  "of both");
        return EXIT_FAILURE;
    }
    int status = open_and_run(&program, signal_fd);
    sentry_sender_end();
    close(signal_fd);
    return status;
}
