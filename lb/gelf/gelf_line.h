/* What a log line says about itself, where it is a JSON object: when, how bad, who. Pure; reads what others wrote, of
 * whatever length, in one pass. */
#ifndef LB_GELF_GELF_LINE_H
#define LB_GELF_GELF_LINE_H

#include "lb/base/view.h"

/* Severities of syslog (RFC 5424 § 6.2.1), which GELF has. */
enum gelf_level {
    GELF_LEVEL_CRITICAL = 2,
    GELF_LEVEL_ERROR = 3,
    GELF_LEVEL_WARNING = 4,
    GELF_LEVEL_INFO = 6,
    GELF_LEVEL_DEBUG = 7,
};

struct gelf_line {
    uint64_t wall_ns;      /* "@timestamp"; 0: not told */
    enum gelf_level level; /* "log.level", or "level" in "log"; not told: GELF_LEVEL_INFO */
    struct view
        logger; /* "log.logger", or "logger" in "log"; empty: not told. Borrowed from the line */
};

/* A line that is no JSON object tells nothing. */
struct gelf_line gelf_line_read(struct view line);

#endif
