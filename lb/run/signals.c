#include "lb/run/signals.h"

#include <signal.h>
#include <stddef.h>

static const struct {
    int number;
    const char *name;
} heard[SIGNALS_COUNT] = {
    {SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
    {SIGHUP, "SIGHUP"},   {SIGUSR1, "SIGUSR1"},
};

static const char *name_of(int number)
{
    unsigned i = 0;
    while (heard[i].number != number)
        i++;
    return heard[i].name;
}

static void on_uv_signal(uv_signal_t *handle, int number)
{
    struct signals *signals = handle->data;
    const struct signals_options *options = &signals->options;
    if (number == SIGHUP)
        options->on_reload(options->owner);
    else if (number == SIGUSR1)
        options->on_reopen(options->owner);
    else
        options->on_end(options->owner, number, name_of(number));
}

/* What nobody sends on purpose, and what would else end lb in the middle of its requests. */
static void ignore_strays(void)
{
    static const int strays[] = {SIGPIPE, SIGALRM, SIGUSR2, SIGVTALRM, SIGPROF,
                                 SIGIO,   SIGPWR,  SIGXCPU, SIGXFSZ,   SIGSTKFLT};
    for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++)
        signal(strays[i], SIG_IGN);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        signal(number, SIG_IGN);
}

void signals_init(struct signals *signals, const struct signals_options *options)
{
    signals->options = *options;
    for (unsigned i = 0; i < SIGNALS_COUNT; i++) {
        uv_signal_t *handle = &signals->handles[i];
        uv_signal_init(options->uv, handle);
        handle->data = signals;
        uv_signal_start(handle, on_uv_signal, heard[i].number);
    }
    ignore_strays();
}

/* Closing a handle restores the signal's default, which would end lb: they are blocked before, and
 * ignored afterwards. All other threads block them from their beginning (base/thread.h). */
void signals_close(struct signals *signals)
{
    sigset_t numbers;
    sigemptyset(&numbers);
    for (unsigned i = 0; i < SIGNALS_COUNT; i++)
        sigaddset(&numbers, heard[i].number);
    pthread_sigmask(SIG_BLOCK, &numbers, NULL);
    for (unsigned i = 0; i < SIGNALS_COUNT; i++)
        if (!uv_is_closing((uv_handle_t *)&signals->handles[i]))
            uv_close((uv_handle_t *)&signals->handles[i], NULL);
    for (unsigned i = 0; i < SIGNALS_COUNT; i++)
        signal(heard[i].number, SIG_IGN);
}
