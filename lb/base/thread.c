#include "lb/base/thread.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct start {
    void *(*run)(void *argument);
    void *argument;
};

static struct {
    void *(*open)(void);
    void (*close)(void *kept);
} custom;

void thread_set_custom(void *(*open)(void), void (*close)(void *kept))
{
    custom.open = open;
    custom.close = close;
}

static void *run_by_custom(void *argument)
{
    struct start start = *(struct start *)argument;
    void *kept = custom.open();
    free(argument);
    void *result = start.run(start.argument);
    custom.close(kept);
    return result;
}

void thread_hold_signals(sigset_t *before)
{
    static const int own_faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(own_faults) / sizeof(own_faults[0]); i++)
        sigdelset(&blocked, own_faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

void thread_release_signals(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static int start_by_custom(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*run)(void *argument), void *argument)
{
    struct start *start = memory_new(sizeof(*start));
    *start = (struct start){run, argument};
    int rc = pthread_create(thread, attributes, run_by_custom, start);
    if (rc != 0)
        free(start);
    return rc;
}

int thread_start(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *argument),
                 void *argument)
{
    sigset_t before;
    thread_hold_signals(&before);
    int rc = custom.open ? start_by_custom(thread, attributes, run, argument)
                         : pthread_create(thread, attributes, run, argument);
    thread_release_signals(&before);
    return rc;
}
