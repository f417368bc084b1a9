/* UTF-8 as RFC 3629 has it. */
#ifndef LB_BASE_UTF8_H
#define LB_BASE_UTF8_H

#include "lb/base/view.h"

/* Length of the valid sequence at the start of `v`, or 0. `v` is not empty. */
size_t utf8_length(struct view v);

#endif
