/* What a check asks, and where. Pure. */
#ifndef LB_HEALTH_QUESTION_H
#define LB_HEALTH_QUESTION_H

#include "lb/base/address.h"
#include "lb/contract/check_choice.h"
#include "lb/pool/endpoint.h"

/* How that endpoint is checked, as its service's policy and its labels say now. */
struct check question_check(const struct endpoint *endpoint);

/* With which PROXY header (enum proxy_version) its port is asked: as its service's connections have one. Another
 * port than that of its service gets none. */
unsigned question_proxy_version(const struct endpoint *endpoint, const struct check *check);

/* Whether what `mode` asks is asked over TLS: as requests go to it; at another port only where the word is https,
 * and not where a connect is asked for in so many words. */
bool question_is_by_tls(const struct endpoint *endpoint, const struct check *check,
                        enum check_mode mode);

/* Where an endpoint with that address is asked: there, or at the port that the check names. */
struct address question_target(const struct check *check, const struct address *address);

/* Appends the HTTP/1.1 request that goes to `target`. */
void question_write(const struct check *check, const struct address *target, struct text *out);

/* What `mode` asks, for humans, so that they can ask it by hand: "GET :9000/health", "redis :6380". */
void question_describe(const struct check *check, enum check_mode mode, struct text *out);

#endif
