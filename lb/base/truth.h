/* What is known of a statement: that it holds, that it does not, or neither. */
#ifndef LB_BASE_TRUTH_H
#define LB_BASE_TRUTH_H

#include <stdbool.h>

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

static inline enum truth truth_of(bool holds)
{
    return holds ? TRUTH_YES : TRUTH_NO;
}

static inline enum truth truth_not(enum truth one)
{
    return one == TRUTH_UNKNOWN ? one : (enum truth) !one;
}

static inline enum truth truth_and(enum truth one, enum truth other)
{
    if (one == TRUTH_NO || other == TRUTH_NO)
        return TRUTH_NO;
    return one == TRUTH_UNKNOWN ? one : other;
}

#endif
