/* Calls that a process in the jail tries: what would harm others, or give it what it has not. Each gives 0, or
 * the number of errno. */
#ifndef TESTS_UNIT_JAIL_ATTEMPTS_H
#define TESTS_UNIT_JAIL_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/jail/jail_kind.h"

enum attempt_trait {
    /* The case of these programs only, as the others are different; none: of all. */
    ATTEMPT_PROXY = 1 << JAIL_PROXY,
    ATTEMPT_DISCOVERY = 1 << JAIL_DISCOVERY,
    ATTEMPT_REPORT = 1 << JAIL_REPORT,
    ATTEMPT_ACME = 1 << JAIL_ACME,
    ATTEMPT_ACME_UNIX = 1 << JAIL_ACME_UNIX,
    ATTEMPT_ACMES = ATTEMPT_ACME | ATTEMPT_ACME_UNIX,
    ATTEMPT_ROOT = 1 << JAIL_KIND_COUNT, /* refused to others without the jail, too */
};

struct attempt {
    const char *name;
    int (*try)(void);
    int refusal; /* what the jail answers */
    unsigned traits;
};

static inline bool attempt_is_for(const struct attempt *attempt, enum jail_kind kind)
{
    unsigned kinds = attempt->traits & ((1u << JAIL_KIND_COUNT) - 1);
    return kinds == 0 || (kinds & 1u << kind);
}

extern const struct attempt attempts_refused[];
extern const size_t attempts_refused_count;

/* What must go on. */
extern const struct attempt attempts_allowed[];
extern const size_t attempts_allowed_count;

#endif
