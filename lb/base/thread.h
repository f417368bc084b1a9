/* Threads that take no signals: those are control's. Thread: any. */
#ifndef LB_BASE_THREAD_H
#define LB_BASE_THREAD_H

#include <pthread.h>
#include <signal.h>

/* pthread_create with all signals blocked from the thread's first moment on: one that blocked them by
 * itself could be late, and die of a signal with all the program. Not those that a thread brings upon itself (SEGV,
 * ABRT and the like): their handler is to hear of them. Fails: a number of errno. */
int thread_start(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *argument),
                 void *argument);

/* For threads that a library starts: those that come between the two calls are such threads, too. Both are for the
 * thread that calls. */
void thread_hold_signals(sigset_t *before);
void thread_release_signals(const sigset_t *before);

/* What each thread that is started from now on does first and last; `close` gets what `open` gave. To be called
 * once, before the first of them. */
void thread_set_custom(void *(*open)(void), void (*close)(void *kept));

#endif
