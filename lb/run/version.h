/* What --version prints. */
#ifndef LB_RUN_VERSION_H
#define LB_RUN_VERSION_H

#include "lb/base/text.h"

/* Appends "lb 0.1.0 (libuv 1.44.2, llhttp 8.1.0, jansson 2.14)" and a newline. */
void version_append(struct text *out);

#endif
