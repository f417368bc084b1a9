/* What a route asks for beside its service: words with values as text, one grammar for each, the same
 * for labels (lb.rate, lb.NAME.rate), files, lines of discovery and explain. Borrows all of its bytes.
 * Pure. Thread: any.
 *
 * A request passes them in this order, whichever way they were written down:
 *   0 https               redirect, 503, 400
 *   1 allow, deny            403      5 max-body               413      9 deadlines, retries
 *   2 rate                   429      6 replace-path, then the        10 response-headers
 *   3 redirect           301-308        route's strip and add         11 error-pages
 *   4 auth                   401      7 request-headers               12 access-log
 *                                     8 the service, mirror */
#ifndef LB_CONTRACT_ROUTE_OPTION_H
#define LB_CONTRACT_ROUTE_OPTION_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define ROUTE_OPTION_BYTES_MAX   8192u /* of a value */
#define ROUTE_OPTION_RETRIES_MAX 7u

/* XX(name, word): the words are the keys of a line. */
#define ROUTE_OPTION_MAP(XX)                                                                       \
    XX(ALLOW, "allow") /* ranges of addresses, with commas between them; all others get 403 */     \
    XX(DENY, "deny")                                                                               \
    XX(RATE, "rate")           /* of one client: 100/s, 10/m burst 20 */                           \
    XX(REDIRECT, "redirect")   /* https; 301 https://a.test; 308 ~^http://(.*) https://$1 */       \
    XX(AUTH, "auth")           /* user:hash, as htpasswd writes them; with commas between them */  \
    XX(AUTH_FILE, "auth-file") /* NAME; NAME?, OTHER? for the first that is there, if any */       \
    XX(AUTH_REALM, "auth-realm")                                                                   \
    XX(AUTH_HEADER, "auth-header") /* the backend gets the user's name in it */                    \
    XX(AUTH_KEEP, "auth-keep")     /* true: the backend gets Authorization, too */                 \
    XX(MAX_BODY, "max-body")                                                                       \
    XX(REPLACE_PATH, "replace-path")                                                               \
    XX(REQUEST_HEADERS, "request-headers") /* set X-A: v | add X-B: w | remove X-C */              \
    XX(RESPONSE_HEADERS, "response-headers")                                                       \
    XX(RESPONSE_TIMEOUT, "response-timeout")                                                       \
    XX(BODY_TIMEOUT, "body-timeout")                                                               \
    XX(STREAM_TIMEOUT, "stream-timeout")                                                           \
    XX(RETRIES, "retries")                                                                         \
    XX(ACCESS_LOG, "access-log")     /* off */                                                     \
    XX(ERROR_PAGES, "error-pages")   /* a folder in the operator's */                              \
    XX(MIRROR, "mirror")             /* SERVICE 10% */                                             \
    XX(HTTPS, "https")               /* redirect, noredirect, nohttp or nohttps */                 \
    XX(HTTPS_STATUS, "https-status") /* 308; 301 307 for GET and HEAD, and for others */           \
    XX(HTTPS_PORT, "https-port")     /* where clients find https */                                \
    XX(HSTS, "hsts")                 /* Strict-Transport-Security; or off */                       \
    XX(CERTIFICATE, "certificate")   /* the name of a file in --certificates; no other is shown */ \
    XX(DEFAULT_CERTIFICATE, "default-certificate") /* no: it is none of its own */                 \
    XX(MISSING_CERTIFICATE, "missing-certificate") /* serve by http, or refuse to */               \
    XX(CLIENT_CERTIFICATE, "client-certificate")   /* on, optional, optional_no_ca or off */

enum route_option_kind {
#define XX(name, word) ROUTE_OPTION_##name,
    ROUTE_OPTION_MAP(XX)
#undef XX
        ROUTE_OPTION_COUNT
};

struct route_option {
    enum route_option_kind kind;
    struct view value; /* not empty */
};

/* "request-headers" and so on. Static. */
const char *route_option_word(enum route_option_kind kind);

/* ROUTE_OPTION_COUNT for other words. */
enum route_option_kind route_option_parse(struct view word);

/* What values it takes, for people: "a rate such as 100/s or 10/m burst 20". Static. */
const char *route_option_accepted(enum route_option_kind kind);

/* Whether its value is shown to nobody: passwords, whatever they are hashed by. */
bool route_option_is_secret(enum route_option_kind kind);

/* Whether lb can do what it says. False: `problem` gets a sentence that names the word and the remedy. */
bool route_option_check(const struct route_option *option, struct text *problem);

/* The value of that kind among options that are sorted by it; a NULL pointer: it is not given. */
struct view route_option_find(const struct route_option *options, unsigned count,
                              enum route_option_kind kind);

/* Appends them for people: "rate 10/s, access-log off"; hashes of passwords are not shown. */
void route_option_append_all(const struct route_option *options, unsigned count, struct text *out);

#endif
