/* What the cookie of a sticky service looks like: the words of labels (lb.sticky), of the flag --sticky
 * and of lines of discovery, with one grammar for all. Plain values without pointers, so that two
 * rules compare by their bytes; zeroed memory is what it is where nothing is said. Pure. */
#ifndef LB_CONTRACT_STICKY_RULE_H
#define LB_CONTRACT_STICKY_RULE_H

#include "lb/base/text.h"
#include "lb/base/view.h"

#define STICKY_RULE_NAME_BYTES   64
#define STICKY_RULE_DOMAIN_BYTES 256
#define STICKY_RULE_PATH_BYTES   256
#define STICKY_RULE_AGE_MAX_MS   3456000000u /* 40 days */

#define STICKY_RULE_ACCEPTED                                                                       \
    "attributes with blanks between: name=NAME, secure, samesite=lax, strict or none, "            \
    "max-age=TIME, domain=NAME, path=PATH, for example samesite=strict max-age=8h"

enum sticky_site { STICKY_LAX, STICKY_STRICT, STICKY_NONE };

struct sticky_rule {
    enum sticky_site site;
    unsigned is_secure;                    /* 1: always; else where the request came by https */
    unsigned max_age_s;                    /* 0: as long as the browser runs */
    char name[STICKY_RULE_NAME_BYTES];     /* "": lb's own, which follows from the service */
    char domain[STICKY_RULE_DOMAIN_BYTES]; /* "": the host that was asked */
    char path[STICKY_RULE_PATH_BYTES];     /* "": / */
};

/* Reads attributes in any order, each at most once. One that no browser would take without Secure
 * (samesite=none, a name with __Secure- or __Host- before it) is secure. Fails: false, `*rule` is as it
 * was. */
bool sticky_rule_parse(struct view text, struct sticky_rule *rule);

/* Appends it as sticky_rule_parse takes it; nothing where nothing is said. */
void sticky_rule_format(const struct sticky_rule *rule, struct text *out);

#endif
