/* Fields that say who a client is and how it came, which is lb's own word to backends. CGI
 * (RFC 3875 § 4.1.18), WSGI, Rack and PHP make a variable of a name in which case and all marks are
 * alike, so a field that is spelled otherwise would stand beside lb's own, or take its place. */
#ifndef LB_HTTP_CLAIM_H
#define LB_HTTP_CLAIM_H

#include "lb/base/view.h"

enum claim {
    CLAIM_NONE,
    CLAIM_PLAIN, /* believed only from who is trusted: X-Forwarded-Prefix, X-Client-IP, … */
    CLAIM_ALIAS, /* believed from nobody: X_Forwarded_Proto, X-Request_Id, … */
    CLAIM_OWN,   /* nor these, in any spelling: X-Forwarded-Ssl, X-SSL-Client-…, Client-Cert */
};

enum claim claim_find(struct view name);

/* What that field name claims, which is not empty. Most begin with another letter. */
static inline enum claim claim_of(struct view name)
{
    const uint32_t letters = 1u << ('c' & 31) | 1u << ('f' & 31) | 1u << ('p' & 31) |
                             1u << ('r' & 31) | 1u << ('t' & 31) | 1u << ('w' & 31) |
                             1u << ('x' & 31);
    return letters >> (name.ptr[0] & 31) & 1 ? claim_find(name) : CLAIM_NONE;
}

#endif
