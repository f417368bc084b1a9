#include "lb/policy/shown_certificate.h"

static const struct tls_host *found_as(const struct tls_host *host, enum tls_match as,
                                       enum tls_match *match)
{
    *match = host ? as : TLS_MATCH_NONE;
    return host;
}

const struct tls_host *shown_certificate_own(const struct tls_store *store,
                                             const struct https_rule *rule, struct view host,
                                             enum tls_match *match)
{
    enum tls_match ignored;
    match = match ? match : &ignored;
    if (!store)
        return found_as(NULL, TLS_MATCH_NONE, match);
    if (rule->certificate.len > 0)
        return found_as(tls_store_named(store, rule->certificate), TLS_MATCH_ROUTE, match);
    const struct tls_host *found = tls_store_find(store, host, match);
    if (found || rule->distrusts_default)
        return found;
    return found_as(tls_store_default(store), TLS_MATCH_DEFAULT, match);
}

struct tls_choice shown_certificate_find(const struct tls_store *store,
                                         const struct https_rule *rule, struct view host,
                                         enum tls_match *match)
{
    enum tls_match ignored;
    struct tls_choice choice = {0};
    match = match ? match : &ignored;
    *match = TLS_MATCH_NONE;
    if (!store)
        return choice;
    if (rule->method != HTTPS_NOHTTPS && host.len > 0)
        choice.host = shown_certificate_own(store, rule, host, match);
    if (!choice.host)
        choice.host = found_as(tls_store_default(store), TLS_MATCH_DEFAULT, match);
    if (choice.host)
        choice.client_ca = tls_store_client_ca(store, host);
    if (choice.host && !choice.client_ca)
        choice.client_ca = choice.host->client_ca;
    return choice;
}
