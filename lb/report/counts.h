/* The page of counts (struct report_counts) that outlives each lb-report: the master has made it, lb-proxy shows it. */
#ifndef LB_REPORT_COUNTS_H
#define LB_REPORT_COUNTS_H

#include "lb/contract/report.h"

/* That descriptor's page; where it is none, one that nobody else sees. Never NULL; it lasts as long as the program. What counts this
 * moment only is set back. */
struct report_counts *counts_open(int fd);

/* What went wrong last, a sentence. Thread: any, one at a time. */
void counts_tell_error(struct report_counts *counts, const char *sentence);

#endif
