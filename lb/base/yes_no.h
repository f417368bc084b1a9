/* What true/false, yes/no, on/off and 1/0 say. Pure. */
#ifndef LB_BASE_YES_NO_H
#define LB_BASE_YES_NO_H

#include "lb/base/view.h"

enum yes_no { YES_NO_NEITHER, YES_NO_YES, YES_NO_NO };

/* In any case, with white space around. */
enum yes_no yes_no_read(struct view text);

/* Without the spaces, tabs and line ends around it: YAML leaves them there easily. */
struct view yes_no_trim(struct view text);

#endif
