#include "lb/admin/url_https.h"

static const struct tls_host *find_own(const struct url_https *https, const struct https_rule *rule,
                                       struct view host)
{
    if (!https->certificates)
        return NULL;
    if (rule->certificate.len > 0)
        return tls_store_named(https->certificates, rule->certificate);
    const struct tls_host *found = tls_store_find(https->certificates, host, NULL);
    return found || rule->distrusts_default ? found : tls_store_default(https->certificates);
}

static enum url_https_way by_http(const struct https_rule *rule, bool has_https)
{
    bool is_strict = has_https || rule->refuses_missing;
    if (rule->method == HTTPS_NOHTTP)
        return is_strict ? URL_HTTPS_NO_HTTP : URL_HTTPS_SERVED;
    return rule->method == HTTPS_REDIRECT && is_strict ? URL_HTTPS_REDIRECTED : URL_HTTPS_SERVED;
}

static enum url_https_way by_https(const struct url_https *https, bool has_own)
{
    bool has_default = https->certificates && tls_store_default(https->certificates);
    if (has_own)
        return URL_HTTPS_SERVED;
    return has_default ? URL_HTTPS_NO_HTTPS : URL_HTTPS_NO_HANDSHAKE;
}

enum url_https_way url_https_find(const struct url_https *https, const struct https_rule *route,
                                  const struct url_question *question, struct https_rule *rule)
{
    *rule = https_rule_over(route, &https->defaults);
    bool has_own = https->is_spoken && find_own(https, rule, question->question.host);
    if (!view_eq(question->question.scheme, VIEW("https")))
        return by_http(rule, has_own);
    if (!https->is_spoken) /* so somebody in front of lb does it */
        return URL_HTTPS_SERVED;
    return by_https(https, has_own && rule->method != HTTPS_NOHTTPS);
}

bool url_https_append_lack(const struct url_https *https, const struct https_rule *route,
                           struct text *out)
{
    if (!https->is_spoken || !route || route->certificate.len == 0)
        return false;
    if (https->certificates && tls_store_named(https->certificates, route->certificate))
        return false;
    struct view name = route->certificate;
    text_appendf(out,
                 "it wants the certificate %.*s and no other (certificate), which is in no "
                 "directory of --certificates, or cannot be used: put %.*s.crt and %.*s.key there",
                 (int)name.len, name.ptr, (int)name.len, name.ptr, (int)name.len, name.ptr);
    return true;
}

void url_https_append(enum url_https_way way, struct view location, struct text *out)
{
    switch (way) {
    case URL_HTTPS_REDIRECTED:
        text_append_str(out, "who comes by http is sent to ");
        text_append(out, location);
        text_append_str(out, " (--https-method, or the route's https).");
        break;
    case URL_HTTPS_NO_HTTP:
        text_append_str(out, "this host is served by https alone (--https-method, or the route's "
                             "https).");
        break;
    case URL_HTTPS_NO_HTTPS:
        text_append_str(out,
                        "this host is served by http alone, or has no certificate that its route "
                        "takes; the default one is shown (https, certificate and "
                        "default-certificate of the route).");
        break;
    case URL_HTTPS_NO_HANDSHAKE:
        text_append_str(out, "no handshake, and so no answer: no certificate is shown for this "
                             "host. Put one into a directory of --certificates, or ask for one "
                             "(lb.tls=auto with --acme).");
        break;
    case URL_HTTPS_SERVED:
        break;
    }
}
