#include "discovery/docker/signal_name.h"

#include <signal.h>

/* The kernel's range less the two that the C library keeps: what engines mean by RTMIN, too. */
#define REALTIME_MIN 34
#define REALTIME_MAX 64

static const struct {
    const char *name;
    int number;
} names[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},     {"QUIT", SIGQUIT},       {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT},   {"IOT", SIGABRT},        {"BUS", SIGBUS},
    {"FPE", SIGFPE},       {"KILL", SIGKILL},   {"USR1", SIGUSR1},       {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE},   {"ALRM", SIGALRM},       {"TERM", SIGTERM},
    {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD},   {"CLD", SIGCHLD},        {"CONT", SIGCONT},
    {"STOP", SIGSTOP},     {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN},       {"TTOU", SIGTTOU},
    {"URG", SIGURG},       {"XCPU", SIGXCPU},   {"XFSZ", SIGXFSZ},       {"VTALRM", SIGVTALRM},
    {"PROF", SIGPROF},     {"WINCH", SIGWINCH}, {"IO", SIGIO},           {"POLL", SIGIO},
    {"PWR", SIGPWR},       {"SYS", SIGSYS},     {"RTMIN", REALTIME_MIN}, {"RTMAX", REALTIME_MAX},
};

static bool starts_with_nocase(struct view text, struct view prefix)
{
    return text.len >= prefix.len && view_eq_nocase(view_of(text.ptr, prefix.len), prefix);
}

/* "RTMIN+n" and "RTMAX-n". */
static int parse_realtime(struct view text)
{
    uint64_t offset;
    bool from_min = starts_with_nocase(text, VIEW("RTMIN+"));
    if (!from_min && !starts_with_nocase(text, VIEW("RTMAX-")))
        return 0;
    if (!view_parse_u64(view_skip(text, 6), REALTIME_MAX - REALTIME_MIN, &offset))
        return 0;
    return from_min ? REALTIME_MIN + (int)offset : REALTIME_MAX - (int)offset;
}

int signal_name_parse(struct view text)
{
    uint64_t number;
    if (view_parse_u64(text, REALTIME_MAX, &number))
        return (int)number;
    if (starts_with_nocase(text, VIEW("SIG")))
        text = view_skip(text, 3);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (view_eq_nocase(text, view_str(names[i].name)))
            return names[i].number;
    return parse_realtime(text);
}
