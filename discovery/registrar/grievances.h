/* Tells of the entries that the agent does not take: the first few by their own sentences, the others as a number, so
 * that a token that is taken away does not make a thousand lines. Pure but for its report. */
#ifndef DISCOVERY_REGISTRAR_GRIEVANCES_H
#define DISCOVERY_REGISTRAR_GRIEVANCES_H

#include <stdint.h>

#include "discovery/registrar/entry_table.h"
#include "discovery/report.h"

/* Zeroed memory: there is none. */
struct grievances {
    uint64_t told_at_ms; /* 0: not yet */
    bool is_told;        /* that there is one */
};

/* It has one from now on. Takes `sentence`; NULL: it has none any more. */
void grievances_set(struct entry *entry, char *sentence);

/* Tells what is new, at most once a second, and once a minute what stays. */
void grievances_tell(struct grievances *grievances, const struct entry_table *table,
                     const struct report *report, uint64_t now_ms);

#endif
