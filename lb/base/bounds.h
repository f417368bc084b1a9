/* Bounds that hold in release builds too, where assert() is gone: bytes from outside decide how long things are, and
 * a sum that was wrong somewhere shall end the program instead of writing past an end. */
#ifndef LB_BASE_BOUNDS_H
#define LB_BASE_BOUNDS_H

/* Ends the program by abort() where `condition` does not hold, and says so on standard error. Evaluates it once.
 * Thread: any. */
#define bounds_hold(condition)                                                                     \
    (__builtin_expect(!(condition), 0) ? bounds_broken(#condition, __FILE__, __LINE__) : (void)0)

void bounds_broken(const char *condition, const char *file, int line)
    __attribute__((noreturn, cold, noinline));

#endif
