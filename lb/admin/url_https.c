#include "lb/admin/url_https.h"

#include "lb/policy/shown_certificate.h"

struct tls_choice url_https_shown(const struct url_https *https, struct view host,
                                  struct https_rule *rule, enum tls_match *match)
{
    struct pattern_scratch *scratch = pattern_scratch_new();
    const struct https_rule *route =
        https->routes && host.len > 0 ? route_table_https(https->routes, host, scratch) : NULL;
    pattern_scratch_free(scratch);
    *rule = https_rule_over(route, &https->defaults);
    return shown_certificate_find(https->certificates, rule, host, match);
}

static enum url_https_way by_http(const struct https_rule *rule, bool has_https)
{
    bool is_strict = has_https || rule->refuses_missing;
    if (rule->method == HTTPS_NOHTTP)
        return is_strict ? URL_HTTPS_NO_HTTP : URL_HTTPS_SERVED;
    return rule->method == HTTPS_REDIRECT && is_strict ? URL_HTTPS_REDIRECTED : URL_HTTPS_SERVED;
}

/* `rule`: of the route; hands are shaken by what holds for the host. */
static enum url_https_way by_https(const struct url_https *https, const struct https_rule *rule,
                                   struct view host, bool has_own)
{
    struct https_rule of_host;
    if (!url_https_shown(https, host, &of_host, NULL).host)
        return URL_HTTPS_NO_HANDSHAKE;
    bool is_choosy = rule->certificate.len > 0 || rule->distrusts_default;
    bool is_refused = rule->method == HTTPS_NOHTTPS || (is_choosy && !has_own);
    return is_refused ? URL_HTTPS_NO_HTTPS : URL_HTTPS_SERVED;
}

enum url_https_way url_https_find(const struct url_https *https, const struct https_rule *route,
                                  const struct url_question *question, struct https_rule *rule)
{
    struct view host = question->question.host;
    *rule = https_rule_over(route, &https->defaults);
    bool has_own = https->is_spoken && shown_certificate_own(https->certificates, rule, host, NULL);
    if (!view_eq(question->question.scheme, VIEW("https")))
        return by_http(rule, has_own);
    if (!https->is_spoken) /* so somebody in front of lb does it */
        return URL_HTTPS_SERVED;
    return by_https(https, rule, host, has_own);
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
    case URL_HTTPS_NO_HANDSHAKE: /* see url_https_append_none */
    case URL_HTTPS_SERVED:
        break;
    }
}

void url_https_append_none(const struct https_rule *rule, struct text *out)
{
    struct view name = rule->certificate;
    if (rule->method == HTTPS_NOHTTPS)
        text_append_str(out, "this host is served by http alone (nohttps), and there is no default "
                             "one. Let its route say https=redirect, or call with http");
    else if (name.len > 0)
        text_appendf(out,
                     "that which its route names, %.*s, is not there, and there is no default one. "
                     "Put %.*s.crt and %.*s.key into a directory of --certificates",
                     (int)name.len, name.ptr, (int)name.len, name.ptr, (int)name.len, name.ptr);
    else
        text_append_str(out, "none is there for this name, and there is no default one. Put one "
                             "into a directory of --certificates, or ask for one (lb.tls=auto with "
                             "--acme)");
}
