/* Whether a request that somebody asks about may come by http, or by https: as workers decide it (lb/proxy/securing.h). */
#ifndef LB_ADMIN_URL_HTTPS_H
#define LB_ADMIN_URL_HTTPS_H

#include "lb/admin/url_question.h"
#include "lb/contract/https_rule.h"
#include "lb/route/route_table.h"
#include "lb/tls/tls_store.h"

/* What holds for all. Borrowed. Zeroed: TLS is not spoken here. */
struct url_https {
    const struct tls_store *certificates; /* NULL: there are none */
    const struct route_table *routes;     /* NULL: there are none */
    struct https_rule defaults;           /* what the operator says */
    bool is_spoken;                       /* some listener is for it */
};

enum url_https_way {
    URL_HTTPS_SERVED,
    URL_HTTPS_REDIRECTED,
    URL_HTTPS_NO_HTTP,      /* 503 */
    URL_HTTPS_NO_HTTPS,     /* 503, behind the default certificate */
    URL_HTTPS_NO_HANDSHAKE, /* there is no certificate to be shown */
};

/* What a client is shown that asks for that host (lower case), as in its handshake. `*rule` is what holds for the host,
 * before a path is known; `match` may be NULL. Thread: control. */
struct tls_choice url_https_shown(const struct url_https *https, struct view host,
                                  struct https_rule *rule, enum tls_match *match);

/* `route`: what the route says; NULL: nothing, or there is none. `*rule` is what holds. Thread: control. */
enum url_https_way url_https_find(const struct url_https *https, const struct https_rule *route,
                                  const struct url_question *question, struct https_rule *rule);

/* Whether a route (NULL: none) names a certificate that is not there: appends that, and the remedy, without a full stop. */
bool url_https_append_lack(const struct url_https *https, const struct https_rule *route,
                           struct text *out);

/* Why a host for which that holds is shown no certificate at all, and the remedy, without a full stop. */
void url_https_append_none(const struct https_rule *rule, struct text *out);

/* Why, and what would change it; without its line's end. Nothing where it is served. */
void url_https_append(enum url_https_way way, struct view location, struct text *out);

#endif
