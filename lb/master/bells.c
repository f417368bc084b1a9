#include "lb/master/bells.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int heard[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};

/* Its own faults, and what stops it at a terminal. */
static const int left_alone[] = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGTRAP, SIGABRT,
                                 SIGSYS,  SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int bells_open(struct bells *bells, bool is_after_exec)
{
    sigset_t set;
    for (size_t i = 0; i < COUNT(heard); i++)
        signal(heard[i], SIG_DFL); /* one that is ignored never comes */
    sigfillset(&set);
    for (size_t i = 0; i < COUNT(left_alone); i++)
        sigdelset(&set, left_alone[i]);
    sigprocmask(SIG_SETMASK, &set, &bells->before);
    if (is_after_exec)
        sigemptyset(&bells->before);
    sigemptyset(&set);
    for (size_t i = 0; i < COUNT(heard); i++)
        sigaddset(&set, heard[i]);
    bells->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return bells->fd < 0 ? -errno : 0;
}

bool bells_next(struct bells *bells, struct bells_ring *out)
{
    struct signalfd_siginfo info;
    if (read(bells->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return false;
    *out = (struct bells_ring){.number = (int)info.ssi_signo,
                               .is_of_terminal = info.ssi_code == SI_KERNEL};
    return true;
}

void bells_restore(const struct bells *bells)
{
    sigprocmask(SIG_SETMASK, &bells->before, NULL);
}

const char *bells_name(int number, char text[BELLS_NAME_BYTES])
{
    const char *word = number > 0 && number < SIGRTMIN ? sigabbrev_np(number) : NULL;
    if (word)
        snprintf(text, BELLS_NAME_BYTES, "SIG%s", word);
    else
        snprintf(text, BELLS_NAME_BYTES, "signal %d", number);
    return text;
}
