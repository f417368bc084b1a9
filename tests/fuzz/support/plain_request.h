/* A request as routes compare it, spelled in the plainest way, anew and without lb's own code. */
#ifndef TESTS_FUZZ_SUPPORT_PLAIN_REQUEST_H
#define TESTS_FUZZ_SUPPORT_PLAIN_REQUEST_H

#include "lb/base/text.h"

/* The authority in small letters, without port and without one dot at the end; an IPv6 literal as the
 * system writes it. Empty: it names no host. */
void plain_request_host(struct view authority, struct text *out);

/* The path with what need not be escaped bare, other escapes in capitals, and without dot segments.
 * False: ".." stands beside what only some servers take for the end of a segment. */
bool plain_request_path(struct view path, struct text *out);

#endif
