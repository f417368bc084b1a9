/* SHA-1 (FIPS 180-4), by which nginx-proxy names files. It protects nothing. Pure. */
#ifndef DISCOVERY_DIALECT_SHA1_H
#define DISCOVERY_DIALECT_SHA1_H

#include "lb/base/view.h"

#define SHA1_HEX_BYTES 41u /* with the NUL */

/* In small hexadecimal digits. */
void sha1_hex(struct view bytes, char out[SHA1_HEX_BYTES]);

#endif
