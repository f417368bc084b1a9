/* What --version prints. */
#ifndef LB_ADMIN_VERSION_H
#define LB_ADMIN_VERSION_H

#include "lb/base/text.h"

/* Constant strings such as "1.44.2". */
struct version {
    const char *lb;
    const char *libuv;
    const char *llhttp;
    const char *jansson;
    const char *openssl;
};

struct version version_of_parts(void);

/* Appends "lb 0.2.0 (libuv 1.44.2, llhttp 8.1.0, jansson 2.14, OpenSSL 3.0.19, kTLS is not used)" and a newline. */
void version_append(struct text *out);

#endif
