/* Calls that a process in the jail tries: what would harm others, or give it what it has not. Each gives 0, or
 * the number of errno. */
#ifndef TESTS_UNIT_JAIL_ATTEMPTS_H
#define TESTS_UNIT_JAIL_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>

enum attempt_trait {
    ATTEMPT_PROXY = 1,     /* lb-proxy's case only: lb-discovery is different */
    ATTEMPT_DISCOVERY = 2, /* lb-discovery's only */
    ATTEMPT_ROOT = 4,      /* refused to others without the jail, too */
};

struct attempt {
    const char *name;
    int (*try)(void);
    int refusal; /* what the jail answers */
    unsigned traits;
};

extern const struct attempt attempts_refused[];
extern const size_t attempts_refused_count;

/* What must go on. */
extern const struct attempt attempts_allowed[];
extern const size_t attempts_allowed_count;

#endif
