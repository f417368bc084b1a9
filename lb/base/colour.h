/* Whether what is written to a descriptor may have colours: it is a terminal that knows them, and
 * nobody asked for none. */
#ifndef LB_BASE_COLOUR_H
#define LB_BASE_COLOUR_H

#include <stdbool.h>

/* The sequences (ECMA-48 § 8.3.117) that there are. */
#define COLOUR_NONE   "\033[0m"
#define COLOUR_BOLD   "\033[1m"
#define COLOUR_DIM    "\033[2m"
#define COLOUR_RED    "\033[31m"
#define COLOUR_GREEN  "\033[32m"
#define COLOUR_YELLOW "\033[33m"
#define COLOUR_CYAN   "\033[36m"

/* By isatty, NO_COLOR (no-color.org: set and not empty) and TERM ("dumb", or none at all). */
bool colour_is_wanted(int fd);

#endif
