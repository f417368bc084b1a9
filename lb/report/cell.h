/* lb-report's jail: before it reads the first message it gives up all but connections to outside, and the files of the resolver
 * and of the system's authorities. */
#ifndef LB_REPORT_CELL_H
#define LB_REPORT_CELL_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/jail/jail.h"

/* To be called once, after libcurl was prepared and before threads. `told` gets what holds, as lb/jail has it. Fails: false, and
 * `told` is a sentence with what to do. */
bool cell_enter(enum jail_mode mode, struct text *told);

/* A file of authorities to trust instead of the system's (SSL_CERT_FILE), and a folder of more (SSL_CERT_DIR); NULL: none is
 * named. Borrowed from the environment. */
const char *cell_authorities(void);
const char *cell_more_authorities(void);

#endif
