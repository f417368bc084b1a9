/* What is said when the program crashes: one line in the operator log's form on standard error, with the signal,
 * the build id and a short backtrace; then it ends by that signal as it would have. Has state of its own: a signal
 * is nobody's. In a build with a sanitizer, which reports by itself, nothing is done. */
#ifndef LB_RUN_CRASH_REPORT_H
#define LB_RUN_CRASH_REPORT_H

#define CRASH_REPORT_BYTES_MAX 4096u

/* For SEGV, BUS, ILL, FPE, ABRT, SYS and TRAP, in this thread and in all that thread_start() starts from now on, each
 * with a stack of its own for it. `program` is borrowed for ever. To be called once, before threads and before the jail.
 * What cannot be had (a pipe, memory) is done without. */
void crash_report_open(const char *program);

/* The same for one more thread, which calls both itself: for those that others start. Gives what close takes back. */
void *crash_report_thread_open(void);
void crash_report_thread_close(void *stack);

/* The message is also written into that file (a memfd) at 0, with a NUL behind it; at most CRASH_REPORT_BYTES_MAX.
 * Borrows the descriptor for ever. -1: into none. */
void crash_report_keep(int fd);

#endif
