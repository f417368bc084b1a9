/* What one of several sources collected. */
#ifndef DISCOVERY_MERGE_PART_H
#define DISCOVERY_MERGE_PART_H

#include "discovery/set.h"

/* All borrowed. */
struct merge_part {
    const char *word; /* of its source's kind */
    const struct set *set;
    bool is_unread; /* to the end: it may have more than that */
};

#endif
