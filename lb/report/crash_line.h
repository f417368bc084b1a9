/* A crash report as a line of the log, for GELF: the process that wrote it on standard error could tell nobody else. Pure. */
#ifndef LB_REPORT_CRASH_LINE_H
#define LB_REPORT_CRASH_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

/* Appends the line of a REPORT_CRASH (lb/contract/report.h), with its newline. `wall_ns` is its time where it has none. Fails:
 * false, nothing is appended: it cannot be read, or the process has left no text (the master's own line says that it ended). */
bool crash_line_write(struct view message, uint64_t wall_ns, struct text *out);

#endif
