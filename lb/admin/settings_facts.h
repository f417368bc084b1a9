/* When the settings in force were taken, and whether the last that were read again are others. Thread: control. */
#ifndef LB_ADMIN_SETTINGS_FACTS_H
#define LB_ADMIN_SETTINGS_FACTS_H

#include <stdbool.h>

#include "lb/observe/prometheus_text.h"

struct settings_facts {
    uint64_t taken_ns; /* wall clock; 0: not yet */
    bool is_refused;   /* the last ones were refused, or the process that was to take them failed */
};

/* Those that were read now are in force; they are not. */
void settings_facts_note_taken(struct settings_facts *facts);
void settings_facts_note_refused(struct settings_facts *facts);

/* Families of /metrics. */
void settings_facts_write_metrics(const struct settings_facts *facts,
                                  struct prometheus_text *writer);

#endif
